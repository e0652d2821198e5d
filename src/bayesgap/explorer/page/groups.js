// The gap of every part of the labour market in one year, with intervals.

import { LEVELS, chanceOf, quantilesOf } from "./data.js";
import { range } from "./names.js";
import { extent, intervals, label, picture, scale, textWidth, ticks, verticalGrid } from "./svg.js";
import { chanceColumn, figureColumns, figureRecord } from "./table.js";
import { percent, person } from "./words.js";

function groupRows(data, state) {
  const places = [...data.content.parts.keys()];
  return places
    .filter((part) => data.content.parts[part].kind === state.split)
    .map((part) => ({
      ...state,
      part,
      quantity: "gap",
      quantiles: quantilesOf(data, { ...state, part }, "gap"),
      chance: chanceOf(data, { ...state, part }),
    }));
}

function groupsPicture(rows, state, speak, width) {
  const narrow = width < 560;
  const rowHeight = narrow ? 44 : 26;
  const names = rows.map((row) => speak.part(row.part));
  const [left, right, top] = [narrow ? 12 : textWidth(names) + 20, width - 62, 24];
  const bottom = top + rows.length * rowHeight;
  const outer = LEVELS[state.level];
  const domain = extent(rows.flatMap(({ quantiles }) => outer.map((p) => quantiles[p])), true);
  const x = scale(domain, [left, right]);
  const svg = picture(width, bottom + 30, alternative(rows, state, speak));
  const written = (value) => person(value, true);
  verticalGrid(svg, ticks(domain, narrow ? 3 : 6), x, [top, bottom], written);
  const head = { class: "tick", "text-anchor": "end" };
  svg.append(label(width - 4, top - 8, speak.t("chanceShort"), head));
  rows.forEach((row, place) => {
    const middle = top + (place + 0.5) * rowHeight;
    const y = narrow ? middle + 9 : middle;
    const chosen = row.part === state.chosenPart ? " strong" : "";
    const name = narrow ? [left, middle - 8, "start"] : [left - 12, middle + 4, "end"];
    const words = { class: `name${chosen}`, "text-anchor": name[2] };
    svg.append(label(name[0], name[1], speak.part(row.part), words));
    intervals(svg, row.quantiles, x, y, state.level, row.marked ? "assumed" : "gap");
    const chance = { class: `name${chosen}`, "text-anchor": "end" };
    svg.append(label(width - 4, y + 4, percent(row.chance), chance));
  });
  return svg;
}

function alternative(rows, state, speak) {
  const lines = rows.map((row) =>
    speak.t("groupAlt", {
      part: speak.part(row.part),
      range: range(speak, row.quantiles, LEVELS[state.level]),
      chance: percent(row.chance),
    }),
  );
  const whole = { region: speak.region(state.region), year: state.year, level: state.level };
  return `${speak.t("groupsAlt", whole)} ${lines.join(" ")}`;
}

export function groupsView(data, state, speak, width) {
  const rows = groupRows(data, state).map((row) => ({
    ...row,
    marked: data.content.parts[row.part].marked,
  }));
  const surest = [...rows].sort((one, other) => other.chance - one.chance)[0];
  const chosen = { ...state, chosenPart: state.part };
  return {
    headline: speak.t("groupsHeadline", {
      region: speak.region(state.region),
      year: state.year,
      part: speak.part(surest.part),
      odds: speak.odds(surest.chance),
    }),
    pictures: [
      { svg: groupsPicture(rows, chosen, speak, width), caption: speak.t("groupsCaption") },
    ],
    note: rows.some((row) => row.marked) ? speak.t("starNote") : "",
    columns: [
      { head: speak.t(`by_${state.split}`), text: (row) => speak.part(row.part), words: true },
      ...figureColumns(speak, state.level),
      chanceColumn(speak),
    ],
    rows,
    records: rows.map((row) => figureRecord(data, row)),
  };
}
