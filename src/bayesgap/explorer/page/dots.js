// Fifty equally likely gaps as dots, and the chance of a shortage of at least N.

import { chanceOfAtLeast, dotsOf } from "./data.js";
import { whom } from "./names.js";
import { extent, label, picture, scale, shape, ticks, verticalGrid } from "./svg.js";
import { percent, person } from "./words.js";

const [DOTS_HEIGHT, DOTS_TOP, DOTS_SIDE] = [190, 30, 30];

// Stacks of dots in bins that begin at `edge`, so that no bin lies on both sides of it.
export function stacked(values, edge, width) {
  const counts = new Map();
  return values.map((value) => {
    const bin = Math.floor((value - edge) / width);
    const count = counts.get(bin) ?? 0;
    counts.set(bin, count + 1);
    return { value, centre: edge + (bin + 0.5) * width, height: count };
  });
}

// The picture of dots: those at or above `edge` full, the others hollow.
export function dotPicture(values, { edge, width, alt, edgeLabel, kind = "gap" }) {
  const svg = picture(width, DOTS_HEIGHT, alt);
  const domain = extent([...values, edge], true);
  const x = scale(domain, [DOTS_SIDE, width - DOTS_SIDE]);
  const bottom = DOTS_HEIGHT - 28;
  verticalGrid(svg, ticks(domain, width < 480 ? 4 : 7), x, [DOTS_TOP, bottom], (v) => person(v, true));
  const bins = width < 480 ? 18 : 24;
  const dots = stacked(values, edge, (domain[1] - domain[0]) / bins);
  const most = Math.max(...dots.map((dot) => dot.height)) + 1;
  const radius = Math.min((width - 2 * DOTS_SIDE) / bins / 2, (bottom - DOTS_TOP) / most / 2) - 0.6;
  for (const { value, centre, height } of dots) {
    const place = { cx: x(centre), cy: bottom - 2 - (2 * height + 1) * (radius + 0.6), r: radius };
    svg.append(shape("circle", { ...place, class: `dot ${value >= edge ? kind : "rest"}` }));
  }
  const line = { x1: x(edge), x2: x(edge), y1: DOTS_TOP - 8, y2: bottom };
  svg.append(shape("line", { ...line, class: "chosen" }));
  const anchor = x(edge) > width / 2 ? "end" : "start";
  svg.append(label(x(edge), DOTS_TOP - 14, edgeLabel, { class: "tick strong", "text-anchor": anchor }));
  return svg;
}

function thresholds(dots, least) {
  const steps = ticks([0, Math.max(dots.at(-1), least, 1)], 6);
  return [...new Set([...steps, least])].sort((one, other) => one - other);
}

// Largest threshold of the slider: round, and beyond all dots.
export function sliderRange(data, state) {
  const dots = dotsOf(data, state);
  const reach = Math.max(dots.at(-1), -dots[0] / 4, 10);
  const step = 10 ** Math.max(0, Math.floor(Math.log10(reach)) - 1);
  return { step, max: Math.ceil(reach / step) * step };
}

export function dotsView(data, state, speak, width) {
  const dots = dotsOf(data, state);
  const chance = chanceOfAtLeast(data, state, state.least);
  const full = dots.filter((dot) => dot >= state.least).length;
  const told = {
    year: state.year,
    region: speak.region(state.region),
    people: whom(speak, data.content, state.part),
    least: person(state.least),
    odds: speak.odds(chance),
    count: full,
  };
  const any = state.least === 0;
  const alt = speak.t("dotsAlt", told);
  const edgeLabel = any ? speak.t("edgeAny") : speak.t("edge", told);
  return {
    headline: speak.t(any ? "dotsAny" : "dotsAtLeast", told),
    pictures: [
      {
        svg: dotPicture(dots, { edge: state.least, width, alt, edgeLabel }),
        caption: speak.t("dotsCaption"),
      },
    ],
    note: "",
    columns: [
      { head: speak.t("atLeast"), text: (row) => person(row.least) },
      { head: speak.t("chance"), text: (row) => percent(row.chance) },
      { head: speak.t("inWords"), text: (row) => speak.odds(row.chance), words: true },
    ],
    ...thresholdRows(data, state, dots),
  };
}

function thresholdRows(data, state, dots) {
  const rows = thresholds(dots, state.least).map((least) => ({
    least,
    chance: chanceOfAtLeast(data, state, least),
  }));
  const { education, level, field, marked } = data.content.parts[state.part];
  const records = rows.map(({ least, chance }) => ({
    scenario: state.scenario,
    region: data.content.regions[state.region],
    year: state.year,
    education,
    level,
    field,
    assumption_driven: marked,
    at_least: least,
    chance: chance.toFixed(5),
  }));
  return { rows, records };
}
