// Figures of the run: packed arrays unpacked, and one function for each kind of question.
// `packing.py` says how arrays are packed; parts, regions and years are places in the content.

export const MEDIAN = 3; // place of the median among the seven quantiles
export const LEVELS = { 50: [2, 4], 80: [1, 5], 95: [0, 6] };
export const MAIN = "main";

async function inflated(text) {
  const letters = atob(text);
  const packed = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place += 1) packed[place] = letters.charCodeAt(place);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function joined(bytes, { offset, planes, length }) {
  const codes = new Int32Array(length);
  for (let place = 0; place < length; place += 1) {
    let code = 0;
    for (let plane = planes - 1; plane >= 0; plane -= 1) {
      code = (code << 8) | bytes[offset + plane * length + place];
    }
    codes[place] = (code >>> 1) ^ -(code & 1);
  }
  return codes;
}

function summedAlong(codes, shape, axis) {
  const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  for (let place = stride; place < codes.length; place += 1) {
    if (Math.floor(place / stride) % shape[axis] !== 0) codes[place] += codes[place - stride];
  }
}

function unpacked(bytes, entry) {
  const length = entry.shape.reduce((product, size) => product * size, 1);
  const codes = joined(bytes, { ...entry, length });
  for (const axis of [...entry.differenced].reverse()) summedAlong(codes, entry.shape, axis);
  return { codes, shape: entry.shape };
}

export async function readData(content, text) {
  const bytes = await inflated(text);
  const arrays = new Map();
  const array = (name) => {
    if (!arrays.has(name) && content.arrays[name]) {
      arrays.set(name, unpacked(bytes, content.arrays[name]));
    }
    return arrays.get(name);
  };
  const scenarios = new Map(content.scenarios.map((scenario) => [scenario.name, scenario]));
  return { content, array, scenarios, paired: new Map() };
}

// Whether a scenario has figures of its own; what it leaves unchanged is main's.
function source(data, scenario, quantity) {
  const own = data.scenarios.get(scenario);
  const name = own.changed.includes(quantity) ? scenario : MAIN;
  return { name, years: data.scenarios.get(name).years };
}

export function yearsOf(data, scenario) {
  return data.scenarios.get(scenario).years;
}

// The seven published quantiles of a cell, in persons.
export function quantilesOf(data, { scenario, region, part, year }, quantity) {
  const { name, years } = source(data, scenario, quantity);
  const { codes, shape } = data.array(`${name}/${quantity}`);
  const first = (region * shape[1] + part) * shape[2] * shape[3] + years.indexOf(year);
  const unit = data.content.units.person;
  return Array.from({ length: shape[2] }, (_, place) => codes[first + place * shape[3]] * unit);
}

// The published chance of a shortage.
export function chanceOf(data, { scenario, region, part, year }) {
  const { name, years } = source(data, scenario, "gap");
  const { codes, shape } = data.array(`${name}/chance`);
  const place = (region * shape[1] + part) * shape[3] + years.indexOf(year);
  return codes[place] * data.content.units.chance;
}

// Fifty equally likely gaps, in rising order: quantiles of all draws.
export function dotsOf(data, where) {
  const { name, years } = source(data, where.scenario, "gap");
  const { codes, shape } = data.array(`${name}/dots`);
  const bounds = quantilesOf(data, where, "gap");
  const { dots, smallest } = data.content.cellUnits;
  const unit = Math.max((bounds[6] - bounds[0]) / dots, smallest);
  const cell = (where.region * shape[1] + where.part) * shape[2];
  const first = cell * shape[3] + years.indexOf(where.year);
  return Array.from(
    { length: shape[2] },
    (_, place) => bounds[MEDIAN] + codes[first + place * shape[3]] * unit,
  );
}

// Chance of a gap of at least `least` persons: the published one at 0, else between the dots.
export function chanceOfAtLeast(data, where, least) {
  if (least === 0) return chanceOf(data, where);
  return 1 - shareBelow(dotsOf(data, where), least);
}

export function shareBelow(ordered, value) {
  const count = ordered.length;
  const above = ordered.findIndex((dot) => dot >= value);
  if (above === 0) return ordered[0] === value ? 0.5 / count : 0;
  if (above < 0) return 1;
  const [low, high] = [ordered[above - 1], ordered[above]];
  return (above - 0.5 + (value - low) / (high - low)) / count;
}

// Share of draws whose first year of shortage is each year; the last place is never.
export function firstYearsOf(data, { scenario, region, part }) {
  const { name } = source(data, scenario, "gap");
  const { codes, shape } = data.array(`${name}/first`);
  const first = (region * shape[1] + part) * shape[2];
  return Array.from(codes.slice(first, first + shape[2]), (c) => c * data.content.units.first);
}

// Thinned draws of one scenario's effect (of main: of its gap), summed over regions and groups.
function drawsOf(data, name, { region, part, year }) {
  const { compared, regions, parts, cellUnits, units } = data.content;
  const { codes, shape } = data.array(`${name}/draws`);
  const bounds = data.array(`${name}/bounds`).codes;
  const when = compared.years.indexOf(year);
  const total = regions.length - 1;
  const places = region === total ? [...regions.keys()].slice(0, total) : [region];
  const sum = new Float64Array(shape[3]);
  for (const place of places) {
    for (const group of parts[part].members) {
      const cell = (place * shape[1] + group) * shape[2] + when;
      const [low, middle, high] = bounds.slice(cell * 3, cell * 3 + 3);
      const unit = Math.max(((high - low) * units.person) / cellUnits.draws, cellUnits.smallest);
      for (let draw = 0; draw < shape[3]; draw += 1) {
        sum[draw] += middle * units.person + codes[cell * shape[3] + draw] * unit;
      }
    }
  }
  return sum;
}

function quantile(ordered, probability) {
  const place = probability * (ordered.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ordered.length - 1);
  return ordered[below] + (ordered[above] - ordered[below]) * (place - below);
}

// Quantiles of a scenario's effect on main, of all draws; null where draws are needed instead.
function exactDifference(data, { a, b }, { region, part, year }) {
  const name = b === MAIN ? a : b;
  if (a !== MAIN && b !== MAIN) return null;
  if (name === MAIN) return data.content.quantiles.map(() => 0);
  const { codes, shape } = data.array(`${name}/effect`);
  const first = (region * shape[1] + part) * shape[2] * shape[3];
  const when = data.content.compared.years.indexOf(year);
  const found = Array.from(
    { length: shape[2] },
    (_, place) => codes[first + place * shape[3] + when] * data.content.units.person,
  );
  return b === MAIN ? found : found.map((value) => 0 - value).reverse();
}

// Scenario a less scenario b, draw by draw.
export function differenceOf(data, { a, b }, where) {
  const key = [a, b, where.region, where.part, where.year].join();
  if (!data.paired.has(key)) data.paired.set(key, differenceOfDraws(data, { a, b }, where));
  return data.paired.get(key);
}

function differenceOfDraws(data, { a, b }, where) {
  const draws = data.content.compared.draws;
  const effect = (name) =>
    name === MAIN ? new Float64Array(draws) : drawsOf(data, name, where);
  const [ofA, ofB] = [effect(a), effect(b)];
  const difference = ofA.map((value, draw) => value - ofB[draw]);
  const ordered = Float64Array.from(difference).sort();
  const exact = exactDifference(data, { a, b }, where);
  const levels = data.content.quantiles;
  const dots = Array.from({ length: 50 }, (_, dot) => quantile(ordered, (dot + 0.5) / 50));
  return {
    quantiles: exact ?? levels.map((level) => quantile(ordered, level)),
    exact: exact !== null,
    dots,
    smaller: difference.filter((value) => value < 0).length / draws,
    closes: closed(drawsOf(data, MAIN, where), ofA, ofB),
    error: medianError(ordered),
  };
}

// Of the draws with a shortage in b, the share with none in a; null if b never has one.
function closed(main, ofA, ofB) {
  const short = [...main.keys()].filter((draw) => main[draw] + ofB[draw] > 0);
  if (!short.length) return null;
  return short.filter((draw) => main[draw] + ofA[draw] <= 0).length / short.length;
}

// Monte Carlo error of the median as a share of the 80 % interval's width.
function medianError(ordered) {
  const width = quantile(ordered, 0.9) - quantile(ordered, 0.1);
  if (width === 0) return 0;
  const off = 0.5 / Math.sqrt(ordered.length);
  return (quantile(ordered, 0.5 + off) - quantile(ordered, 0.5 - off)) / 2 / width;
}

// Mean and quantiles of what each measure of a combination contributes in the last year.
export function contributionsOf(data, scenario, { region, part }) {
  const found = data.array(`${scenario}/contributions`);
  if (!found) return [];
  const { codes, shape } = found;
  return data.scenarios.get(scenario).measures.map((measure, place) => {
    const first = ((place * shape[1] + region) * shape[2] + part) * shape[3];
    const figures = Array.from(codes.slice(first, first + shape[3]));
    const [mean, ...quantiles] = figures.map((code) => code * data.content.units.person);
    return { measure, mean, quantiles };
  });
}
