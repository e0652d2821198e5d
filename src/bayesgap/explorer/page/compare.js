// Two scenarios on the same draws: what one changes against the other.

import { LEVELS, MAIN, chanceOf, contributionsOf, differenceOf, quantilesOf } from "./data.js";
import { dotPicture } from "./dots.js";
import { middle, range, whom } from "./names.js";
import { extent, intervals, label, picture, scale, ticks, verticalGrid } from "./svg.js";
import { chanceColumn, figureColumns, figureRecord } from "./table.js";
import { person } from "./words.js";

// The compared year nearest to the chosen one.
export function comparedYear(data, state) {
  const { years } = data.content.compared;
  return years.reduce((best, year) =>
    Math.abs(year - state.year) < Math.abs(best - state.year) ? year : best,
  );
}

function intervalRows(svg, rows, { top, rowHeight, x, level }) {
  rows.forEach(({ name, quantiles }, place) => {
    const y = top + place * rowHeight;
    svg.append(label(12, y + 12, name, { class: "name" }));
    intervals(svg, quantiles, x, y + 26, level);
  });
}

// Named intervals, one below the other, on one axis.
function intervalPicture(rows, { width, alt, level }) {
  const [top, rowHeight] = [6, 46];
  const bottom = top + rows.length * rowHeight;
  const outer = LEVELS[level];
  const domain = extent(rows.flatMap(({ quantiles }) => outer.map((p) => quantiles[p])), true);
  const x = scale(domain, [30, width - 30]);
  const svg = picture(width, bottom + 30, alt);
  const written = (value) => person(value, true);
  verticalGrid(svg, ticks(domain, width < 480 ? 4 : 7), x, [top, bottom], written);
  intervalRows(svg, rows, { top, rowHeight, x, level });
  return svg;
}

function comparePictures(found, told, state, speak, width) {
  const { rows, difference, contributions } = found;
  const alt = speak.t("compareAlt", told);
  const made = [
    {
      svg: intervalPicture(rows.slice(0, 2), { width, alt, level: state.level }),
      caption: speak.t("compareCaption", told),
    },
    {
      svg: dotPicture(difference.dots, {
        edge: 0,
        width,
        alt: speak.t("differenceAlt", told),
        edgeLabel: speak.t("noChange"),
        kind: "effect",
      }),
      caption: speak.t("differenceCaption", told),
    },
  ];
  if (!contributions.length) return made;
  const contributed = speak.t("contributionsAlt", told);
  const svg = intervalPicture(contributions, { width, alt: contributed, level: state.level });
  return [...made, { svg, caption: speak.t("contributionsCaption", told) }];
}

function contributed(data, { a, b }, where, speak) {
  if (b !== MAIN || where.year !== data.content.years.at(-1)) return [];
  return contributionsOf(data, a, where).map((part) => ({
    ...part,
    name: speak.scenario(part.measure),
  }));
}

function gapRow(data, name, where, speak) {
  const own = { ...where, scenario: name };
  return {
    ...own,
    name: speak.scenario(name),
    quantity: "gap",
    quantiles: quantilesOf(data, own, "gap"),
    chance: chanceOf(data, own),
  };
}

function findings(data, state, speak) {
  const { a, b } = state;
  const where = { region: state.region, part: state.part, year: comparedYear(data, state) };
  const difference = differenceOf(data, { a, b }, where);
  const change = {
    ...where,
    scenario: `${a} - ${b}`,
    name: speak.t("aLessB"),
    quantity: "gap_difference",
    quantiles: difference.quantiles,
  };
  const contributions = contributed(data, state, where, speak);
  const steps = contributions.map((part) => ({
    ...where,
    ...part,
    scenario: `${a}: ${part.measure}`,
    quantity: "contribution",
  }));
  const rows = [gapRow(data, a, where, speak), gapRow(data, b, where, speak), change, ...steps];
  return { where, difference, contributions, rows };
}

function toldOf(data, state, speak, { where, difference }) {
  const { quantiles } = difference;
  return {
    a: speak.scenario(state.a),
    b: speak.scenario(state.b),
    region: speak.region(state.region),
    people: whom(speak, data.content, state.part),
    year: where.year,
    median: middle(quantiles),
    range: range(speak, quantiles, LEVELS[state.level]),
    level: state.level,
    smaller: speak.odds(difference.smaller),
    closes: difference.closes === null ? "" : speak.odds(difference.closes),
    draws: person(data.content.compared.draws),
    all: person(data.content.draws),
    error: Math.round(100 * difference.error),
  };
}

function notes(state, speak, { where, difference }, told) {
  const keys = [difference.exact ? "compareExact" : "comparePaired"];
  if (difference.closes !== null) keys.unshift("closes");
  if (where.year !== state.year) keys.push("otherYear");
  return keys.map((key) => speak.t(key, told)).join(" ");
}

function nothing(headline) {
  return { headline, pictures: [], note: "", columns: [], rows: [], records: [] };
}

export function compareView(data, state, speak, width) {
  if (data.content.scenarios.length < 2) return nothing(speak.t("noScenarios"));
  if (state.a === state.b) return nothing(speak.t("sameScenario"));
  const found = findings(data, state, speak);
  const told = toldOf(data, state, speak, found);
  return {
    headline: speak.t("compareHeadline", told),
    pictures: comparePictures(found, told, state, speak, width),
    note: notes(state, speak, found, told),
    columns: [
      { head: speak.t("scenario"), text: (row) => row.name, words: true },
      ...figureColumns(speak, state.level),
      chanceColumn(speak),
    ],
    rows: found.rows,
    records: found.rows.map((row) => figureRecord(data, row)),
  };
}
