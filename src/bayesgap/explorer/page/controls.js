// The controls: filled with the names of the run, and tied to the state both ways.

import { MAIN, yearsOf } from "./data.js";
import { sliderRange } from "./dots.js";
import { element } from "./table.js";
import { person } from "./words.js";

const find = (id) => document.getElementById(id);

function choices(select, groups) {
  const options = (list) =>
    list.map(([value, words]) => element("option", { value: String(value) }, words));
  select.replaceChildren(
    ...groups.flatMap(([name, list]) =>
      name ? [element("optgroup", { label: name }, ...options(list))] : options(list),
    ),
  );
}

function partGroups(content, speak) {
  const of = (kind) =>
    [...content.parts.keys()]
      .filter((place) => content.parts[place].kind === kind)
      .map((place) => [place, speak.part(place)]);
  return [
    ["", of("total")],
    ...["level", "field", "education"].map((kind) => [speak.t(`by_${kind}`), of(kind)]),
  ];
}

function scenarioGroups(content, speak) {
  const named = (list) => list.map(({ name }) => [name, speak.scenario(name)]);
  const others = content.scenarios.filter(({ name }) => name !== MAIN);
  const combined = others.filter(({ measures }) => measures.length > 1);
  const single = others.filter(({ measures }) => measures.length <= 1);
  const groups = [
    [speak.t("single"), named(single)],
    [speak.t("combinations"), named(combined)],
  ];
  return [["", [[MAIN, speak.t("main")]]], ...groups.filter(([, list]) => list.length)];
}

// Names of everything that can be chosen, in the language of the page.
export function fillControls({ content }, speak) {
  choices(find("region"), [["", [...content.regions.entries()]]]);
  choices(find("part"), partGroups(content, speak));
  for (const id of ["scenario", "a", "b"]) choices(find(id), scenarioGroups(content, speak));
}

// Show the state in every control.
export function showControls(data, state) {
  for (const id of ["region", "part", "scenario", "a", "b"]) find(id).value = String(state[id]);
  showYears(yearsOf(data, state.scenario), state.year);
  for (const name of ["level", "split", "lang"]) {
    for (const radio of document.querySelectorAll(`input[name=${name}]`)) {
      radio.checked = radio.value === String(state[name]);
    }
  }
  showThreshold(data, state);
}

function showYears(years, year) {
  const slider = find("year");
  slider.max = String(years.length - 1);
  slider.value = String(years.indexOf(year));
  slider.setAttribute("aria-valuetext", String(year));
  find("yearNow").textContent = String(year);
}

function showThreshold(data, state) {
  const { step, max } = sliderRange(data, state);
  const slider = find("least");
  Object.assign(slider, { step: String(step), max: String(max) });
  slider.value = String(Math.min(state.least, max));
  slider.setAttribute("aria-valuetext", person(state.least));
  const box = find("leastBox");
  if (document.activeElement !== box) box.value = String(state.least);
}

function wholeNumber(text) {
  const value = Math.round(Number(text));
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), 9_999_999) : 0;
}

// Call `choose` with what a control changes.
export function tieControls(data, current, choose) {
  const onInput = (id, change) =>
    find(id).addEventListener("input", (event) => choose(change(event.target.value)));
  for (const id of ["region", "part"]) onInput(id, (value) => ({ [id]: Number(value) }));
  for (const id of ["scenario", "a", "b"]) onInput(id, (value) => ({ [id]: value }));
  onInput("year", (value) => ({ year: yearsOf(data, current().scenario)[Number(value)] }));
  onInput("least", (value) => ({ least: Number(value) }));
  onInput("leastBox", (value) => ({ least: wholeNumber(value) }));
  for (const radio of document.querySelectorAll("input[type=radio]")) {
    radio.addEventListener("input", () => {
      const value = radio.name === "level" ? Number(radio.value) : radio.value;
      choose({ [radio.name]: value });
    });
  }
}
