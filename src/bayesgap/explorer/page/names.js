// Names and sentences of the page in the language that is chosen.

import { MAIN } from "./data.js";
import { filled, likelihood, odds, person, roundedTo, roundingUnit, wordPlace } from "./words.js";

// What every view needs to speak: texts, names, the law of odds.
export function speaker(data, texts, language) {
  const { content } = data;
  const t = (key, values = {}) => filled(texts[language].texts[key] ?? key, values);
  return {
    language,
    t,
    region: (place) => content.regions[place],
    part: (place) => partName(content.parts[place], texts[language], t),
    scenario: (name) => scenarioName(data, texts[language], t, name),
    odds: (probability) => odds(content.odds, language, probability),
    likelihood: (probability) => likelihood(content.odds, language, probability),
    wordPlace: (probability) => wordPlace(content.odds, probability),
    words: content.odds.words[language],
  };
}

function partName(part, { parts }, t) {
  const name = part.kind === "total" ? t("everyone") : parts[part.key];
  return part.marked ? `${name}\u00a0*` : name;
}

function scenarioName(data, { scenarios }, t, name) {
  if (name === MAIN) return t("main");
  return scenarios[name] ?? data.scenarios.get(name)?.title ?? name.replaceAll("_", " ");
}

// A range as people read it, rounded to what the uncertainty allows.
export function range(speak, quantiles, [low, high], signed = true) {
  const unit = roundingUnit(quantiles);
  const end = (place) => person(roundedTo(quantiles[place], unit), signed);
  return speak.t("range", { low: end(low), high: end(high) });
}

export function middle(quantiles, signed = true) {
  return person(roundedTo(quantiles[3], roundingUnit(quantiles)), signed);
}

// Whose people: 'people', or 'people with bachelor: teaching'.
export function whom(speak, content, part) {
  if (content.parts[part].kind === "total") return speak.t("people");
  return speak.t("peopleWith", { part: speak.part(part).replace("\u00a0*", "*") });
}

// The answer in one sentence: who will lack whom, how probably, at what odds.
export function answer(speak, data, { region, part, year, scenario }, chance) {
  const { content } = data;
  const values = {
    year,
    region: speak.region(region),
    people: whom(speak, content, part),
    likelihood: speak.likelihood(chance),
    odds: speak.odds(chance),
    scenario: speak.scenario(scenario),
  };
  const even = speak.wordPlace(chance) === 3;
  const key = year === content.years[0] ? "answerBase" : even ? "answerEven" : "answer";
  return (scenario === MAIN ? "" : speak.t("underScenario", values)) + speak.t(key, values);
}
