// Every view as a table and as CSV: the same rows, rounded for people, unrounded for machines.

import { LEVELS } from "./data.js";
import { middle, range } from "./names.js";
import { percent } from "./words.js";

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Columns of median, intervals and, where there is one, the chance of a shortage.
export function figureColumns(speak, level, signed = true) {
  const outer = Object.entries(LEVELS).filter(([size]) => Number(size) <= level);
  return [
    { head: speak.t("median"), text: (row) => middle(row.quantiles, isSigned(row, signed)) },
    ...outer.map(([size, ends]) => ({
      head: `${size}\u00a0%`,
      text: (row) => range(speak, row.quantiles, ends, isSigned(row, signed)),
    })),
  ];
}

function isSigned(row, signed) {
  return signed && row.quantity !== "supply" && row.quantity !== "demand";
}

export function chanceColumn(speak) {
  const text = (row) => (row.chance === undefined ? "" : percent(row.chance));
  return { head: speak.t("chanceOfShortage"), text };
}

export function tableOf({ title, columns, rows }) {
  const head = columns.map(({ head, words }) =>
    element("th", { scope: "col", class: words ? "words" : "number" }, head),
  );
  const body = rows.map((row) =>
    element(
      "tr",
      {},
      ...columns.map(({ text, words }, place) =>
        place === 0
          ? element("th", { scope: "row", class: words ? "words" : "number" }, text(row))
          : element("td", { class: words ? "words" : "number" }, text(row)),
      ),
    ),
  );
  return element(
    "table",
    {},
    element("caption", {}, title),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
}

const QUANTILE_NAMES = ["lower95", "lower80", "lower50", "median", "upper50", "upper80", "upper95"];

// A row of figures as the summary has them, to a tenth of a person.
export function figureRecord(data, { scenario, region, year, part, quantity, quantiles, chance }) {
  const { education, level, field, marked } = data.content.parts[part];
  const figures = QUANTILE_NAMES.map((name, place) => [name, quantiles[place].toFixed(1)]);
  return {
    scenario,
    region: data.content.regions[region],
    year,
    quantity,
    education,
    level,
    field,
    assumption_driven: marked,
    ...Object.fromEntries(figures),
    p_shortage: chance === undefined ? "" : chance.toFixed(5),
  };
}

// Quotes where needed; a text that a spreadsheet would take for a formula gets an apostrophe.
function csvField(value) {
  const plain = typeof value === "string" && !/^-?[\d.]+$/.test(value);
  const text = plain && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// CSV with the run and its verdict on every row.
export function csvOf(data, records) {
  const { run, health } = data.content;
  const whole = records.map((record) => ({ ...record, run_id: run, health: health.verdict }));
  const names = Object.keys(whole[0] ?? { run_id: "", health: "" });
  const lines = [names, ...whole.map((record) => names.map((name) => record[name]))];
  return `${lines.map((line) => line.map(csvField).join(",")).join("\r\n")}\r\n`;
}
