// What is chosen, and how a link says it. Names, not places, so that a link outlives a new run.

import { MAIN, yearsOf } from "./data.js";

const SPLITS = ["level", "field", "education"];

export function firstState(content, language) {
  const [latest] = content.years.slice(-1);
  const [other] = content.scenarios.slice(1);
  return {
    lang: language,
    region: 0,
    part: content.parts.findIndex((part) => part.kind === "total"),
    year: latest,
    scenario: MAIN,
    level: 80,
    least: 0,
    split: "level",
    a: other ? other.name : MAIN,
    b: MAIN,
  };
}

function partWord(part) {
  return part.kind === "total" ? "all" : `${part.kind}.${part.key}`;
}

export function linkOf(state, content) {
  const words = {
    ...state,
    region: content.regions[state.region],
    part: partWord(content.parts[state.part]),
  };
  return `#${new URLSearchParams(words)}`;
}

const READERS = {
  lang: (word) => (["nb", "en"].includes(word) ? word : undefined),
  region: (word, { content }) => found(content.regions.indexOf(word)),
  part: (word, { content }) => found(content.parts.findIndex((part) => partWord(part) === word)),
  year: (word) => (/^\d{4}$/.test(word) ? Number(word) : undefined),
  scenario: known,
  level: (word) => (["50", "80", "95"].includes(word) ? Number(word) : undefined),
  least: (word) => (/^\d{1,7}$/.test(word) ? Number(word) : undefined),
  split: (word) => (SPLITS.includes(word) ? word : undefined),
  a: known,
  b: known,
};

function found(place) {
  return place < 0 ? undefined : place;
}

function known(word, { scenarios }) {
  return scenarios.has(word) ? word : undefined;
}

// State of a link; words that this run does not know are passed over.
export function stateOf(link, data, before) {
  const state = { ...before };
  for (const [name, word] of new URLSearchParams(link.replace(/^#/, ""))) {
    if (!Object.hasOwn(READERS, name)) continue;
    const value = READERS[name](word, data);
    if (value !== undefined) state[name] = value;
  }
  return settled(state, data);
}

function nearest(years, wanted) {
  return years.reduce((best, year) =>
    Math.abs(year - wanted) < Math.abs(best - wanted) ? year : best,
  );
}

// The nearest state that the run can answer: scenarios have every fifth year only.
export function settled(state, data) {
  return { ...state, year: nearest(yearsOf(data, state.scenario), state.year) };
}
