// The fan: gap, and supply and demand, year by year.

import { LEVELS, MAIN, MEDIAN, chanceOf, quantilesOf, yearsOf } from "./data.js";
import { middle, range } from "./names.js";
import {
  band,
  extent,
  horizontalGrid,
  label,
  path,
  picture,
  scale,
  shape,
  textWidth,
  ticks,
} from "./svg.js";
import { chanceColumn, figureColumns, figureRecord } from "./table.js";
import { person } from "./words.js";

function pathOf(data, state, quantity, scenario = state.scenario) {
  const years = yearsOf(data, scenario);
  const cells = years.map((year) => quantilesOf(data, { ...state, scenario, year }, quantity));
  return { years, cells, quantity };
}

function levelsUpTo(level) {
  return Object.keys(LEVELS).filter((size) => Number(size) <= level).sort((a, b) => b - a);
}

function drawFan(svg, { years, cells, quantity }, x, y, level) {
  for (const size of levelsUpTo(level)) {
    const [low, high] = LEVELS[size].map((place) => cells.map((cell) => cell[place]));
    svg.append(shape("path", { d: band(years, low, high, x, y), class: `band ${quantity}` }));
  }
  const points = years.map((year, place) => [x(year), y(cells[place][MEDIAN])]);
  svg.append(shape("path", { d: path(points), class: `line ${quantity}` }));
  if (years.length < 10) {
    for (const [cx, cy] of points) {
      svg.append(shape("circle", { cx, cy, r: 3, class: `middle ${quantity}` }));
    }
  }
}

// A picture of one or two fans over the years, with the chosen year marked.
function fanPicture(data, state, paths, { width, height, alt, signed, ghost, room = 16 }) {
  const [left, right, top, bottom] = [64, width - room, 22, height - 28];
  const outer = LEVELS[state.level];
  const ends = paths.flatMap(({ cells }) => cells.flatMap((cell) => outer.map((p) => cell[p])));
  const domain = extent(ends, signed);
  const { years } = data.content;
  const x = scale([years[0], years.at(-1)], [left, right]);
  const y = scale(domain, [bottom, top]);
  const svg = picture(width, height, alt);
  horizontalGrid(svg, ticks(domain, 5), y, [left, right], (value) => person(value, signed));
  yearAxis(svg, years, x, bottom, width);
  if (ghost) {
    const points = ghost.years.map((year, place) => [x(year), y(ghost.cells[place][MEDIAN])]);
    svg.append(shape("path", { d: path(points), class: "line ghost" }));
  }
  for (const fan of paths) drawFan(svg, fan, x, y, state.level);
  markYear(svg, state.year, x, [top, bottom], width);
  return { svg, y, right };
}

function yearAxis(svg, years, x, bottom, width) {
  const apart = width < 480 ? 8 : 4;
  for (const year of years.filter((one) => (years.at(-1) - one) % apart === 0)) {
    const place = { class: "tick", "text-anchor": "middle" };
    svg.append(label(Math.min(x(year), width - 18), bottom + 18, String(year), place));
  }
}

function markYear(svg, year, x, [top, bottom], right) {
  svg.append(shape("line", { x1: x(year), x2: x(year), y1: top, y2: bottom, class: "chosen" }));
  const anchor = { class: "tick strong", "text-anchor": "middle" };
  svg.append(label(Math.min(x(year), right - 18), top - 8, String(year), anchor));
}

// Names at the ends of the medians, pushed apart where they would touch.
function nameEnds(svg, speak, paths, y, right) {
  const ends = paths.map(({ quantity, cells }) => ({ quantity, at: y(cells.at(-1)[MEDIAN]) }));
  ends.sort((one, other) => one.at - other.at);
  const push = Math.max(0, 16 - (ends[1].at - ends[0].at)) / 2;
  ends.forEach(({ quantity, at }, place) => {
    const height = at + (place ? push : -push) + 4;
    svg.append(label(right + 6, height, speak.t(quantity), { class: `end ${quantity}` }));
  });
}

function toldOfFan(data, state, speak) {
  const quantiles = quantilesOf(data, state, "gap");
  return {
    region: speak.region(state.region),
    part: speak.part(state.part),
    year: state.year,
    median: middle(quantiles),
    range: range(speak, quantiles, LEVELS[state.level]),
    level: state.level,
  };
}

function fanPictures(data, state, speak, told, width) {
  const main = state.scenario === MAIN;
  const gap = pathOf(data, state, "gap");
  const both = ["demand", "supply"].map((quantity) => pathOf(data, state, quantity));
  const upper = fanPicture(data, state, [gap], {
    width,
    height: width < 480 ? 240 : 300,
    alt: speak.t("fanAlt", told),
    signed: true,
    ghost: main ? null : pathOf(data, state, "gap", MAIN),
  });
  const lower = fanPicture(data, state, both, {
    width,
    height: width < 480 ? 220 : 260,
    alt: speak.t("fanBothAlt", told),
    signed: false,
    room: 14 + 1.2 * textWidth(both.map(({ quantity }) => speak.t(quantity))),
  });
  nameEnds(lower.svg, speak, both, lower.y, lower.right);
  return [
    { svg: upper.svg, caption: speak.t("fanCaption") },
    { svg: lower.svg, caption: speak.t("fanBothCaption") },
  ];
}

export function fanView(data, state, speak, width) {
  const told = toldOfFan(data, state, speak);
  const rows = ["gap", "demand", "supply"].flatMap((quantity) => {
    const { years, cells } = pathOf(data, state, quantity);
    return years.map((year, place) => ({
      ...state,
      year,
      quantity,
      quantiles: cells[place],
      chance: quantity === "gap" ? chanceOf(data, { ...state, year }) : undefined,
    }));
  });
  return {
    headline: speak.t("fanHeadline", told),
    pictures: fanPictures(data, state, speak, told, width),
    note: state.scenario === MAIN ? "" : speak.t("scenarioYears"),
    columns: [
      { head: speak.t("year"), text: (row) => String(row.year) },
      { head: speak.t("quantity"), text: (row) => speak.t(row.quantity), words: true },
      ...figureColumns(speak, state.level),
      chanceColumn(speak),
    ],
    rows,
    records: rows.map((row) => figureRecord(data, row)),
  };
}
