// When a shortage first appears: the share of futures that have had one by each year.

import { firstYearsOf } from "./data.js";
import { whom } from "./names.js";
import { horizontalGrid, label, picture, scale, shape } from "./svg.js";
import { percent } from "./words.js";

const [YEARS_LEFT, YEARS_TOP, YEARS_HEIGHT] = [64, 16, 240];

function firstRows(data, state) {
  let sum = 0;
  const shares = firstYearsOf(data, state);
  return data.content.years.map((year, place) => {
    sum = Math.min(1, sum + shares[place]);
    return { year, share: shares[place], by: sum };
  });
}

function firstPicture(rows, state, alt, width) {
  const [right, bottom] = [width - 12, YEARS_HEIGHT - 28];
  const y = scale([0, 1], [bottom, YEARS_TOP]);
  const step = (right - YEARS_LEFT) / rows.length;
  const svg = picture(width, YEARS_HEIGHT, alt);
  horizontalGrid(svg, [0, 0.25, 0.5, 0.75, 1], y, [YEARS_LEFT, right], (v) => `${100 * v}\u00a0%`);
  const apart = width < 480 ? 4 : 2;
  rows.forEach(({ year, by }, place) => {
    const x = YEARS_LEFT + place * step;
    const bar = { x: x + step * 0.12, y: y(by), width: step * 0.76, height: bottom - y(by) };
    svg.append(shape("rect", { ...bar, class: year === state.year ? "begun now" : "begun" }));
    if ((rows.length - 1 - place) % apart === 0) {
      const anchor = { class: "tick", "text-anchor": "middle" };
      svg.append(label(x + step / 2, bottom + 18, String(year), anchor));
    }
  });
  return svg;
}

export function firstView(data, state, speak, width) {
  const rows = firstRows(data, state);
  const half = rows.find((row) => row.by >= 0.5);
  const told = {
    region: speak.region(state.region),
    people: whom(speak, data.content, state.part),
    year: half?.year,
    last: rows.at(-1).year,
    by: speak.odds(rows.at(-1).by),
    never: speak.odds(1 - rows.at(-1).by),
  };
  const key = half === undefined ? "firstRare" : half === rows[0] ? "firstAtOnce" : "first";
  const { education, level, field, marked } = data.content.parts[state.part];
  return {
    headline: speak.t(key, told),
    pictures: [
      {
        svg: firstPicture(rows, state, speak.t("firstAlt", told), width),
        caption: speak.t("firstCaption"),
      },
    ],
    note: "",
    columns: [
      { head: speak.t("year"), text: (row) => String(row.year) },
      { head: speak.t("firstShare"), text: (row) => percent(row.share) },
      { head: speak.t("firstBy"), text: (row) => percent(row.by) },
    ],
    rows,
    records: rows.map((row) => ({
      scenario: state.scenario,
      region: data.content.regions[state.region],
      education,
      level,
      field,
      assumption_driven: marked,
      year: row.year,
      first_shortage: row.share.toFixed(4),
      shortage_by: row.by.toFixed(4),
    })),
  };
}
