// Regions as tiles, roughly as they lie; a tile is a button that chooses its region.

import { LEVELS, chanceOf, quantilesOf } from "./data.js";
import { middle, range } from "./names.js";
import { chanceColumn, element, figureColumns, figureRecord } from "./table.js";
import { percent } from "./words.js";

function tile(row, data, speak, chosen) {
  const name = data.content.regions[row.region];
  const place = data.content.tiles[name];
  const button = element(
    "button",
    {
      type: "button",
      class: `tile word${speak.wordPlace(row.chance)}`,
      "aria-pressed": String(row.region === chosen),
      "data-region": row.region,
    },
    element("span", { class: "name" }, name),
    element("span", { class: "figure" }, middle(row.quantiles)),
    element("span", { class: "chance" }, `${percent(row.chance)} ${speak.t("forShortage")}`),
  );
  if (place) {
    button.style.gridColumn = String(place[0] + 1);
    button.style.gridRow = String(place[1] + 1);
  } else {
    const places = Object.values(data.content.tiles);
    const [across, down] = [0, 1].map((axis) => 1 + Math.max(...places.map((p) => p[axis])));
    button.style.gridColumn = `1 / span ${across}`;
    button.style.gridRow = String(down + 1);
  }
  return button;
}

function legend(speak) {
  const items = speak.words.map((word, place) =>
    element("li", {}, element("span", { class: `swatch word${place}` }), word),
  );
  return element("ul", { class: "legend" }, ...items);
}

export function mapView(data, state, speak, choose) {
  const rows = data.content.regions.map((_, region) => ({
    ...state,
    region,
    quantity: "gap",
    quantiles: quantilesOf(data, { ...state, region }, "gap"),
    chance: chanceOf(data, { ...state, region }),
  }));
  const tiles = element("div", { class: "tiles", role: "group", "aria-label": speak.t("mapAlt") });
  tiles.append(...rows.map((row) => tile(row, data, speak, state.region)));
  tiles.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (pressed) choose({ region: Number(pressed.dataset.region) });
  });
  const chosen = rows[state.region];
  return {
    headline: speak.t("mapHeadline", {
      region: speak.region(state.region),
      year: state.year,
      median: middle(chosen.quantiles),
      range: range(speak, chosen.quantiles, LEVELS[state.level]),
      level: state.level,
    }),
    pictures: [{ svg: tiles, caption: speak.t("mapCaption"), extra: legend(speak) }],
    note: "",
    columns: [
      { head: speak.t("region"), text: (row) => speak.region(row.region), words: true },
      ...figureColumns(speak, state.level),
      chanceColumn(speak),
    ],
    rows,
    records: rows.map((row) => figureRecord(data, row)),
  };
}
