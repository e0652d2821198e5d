// Numbers and chances for people, in the language of the page.

const SPACE = "\u00a0";

export function person(value, signed = false) {
  const whole = Math.abs(Math.round(value));
  const digits = String(whole).replace(/\B(?=(\d{3})+$)/g, SPACE);
  if (whole === 0) return "0";
  if (value < 0) return `−${digits}`;
  return signed ? `+${digits}` : digits;
}

// Two significant digits of the 80 % width, at least one person: as the tables of the run.
export function roundingUnit(quantiles) {
  const width = quantiles[5] - quantiles[1];
  return width > 0 ? Math.max(1, 10 ** (Math.floor(Math.log10(width)) - 1)) : 1;
}

export function roundedTo(value, unit) {
  return Math.round(value / unit) * unit;
}

export function percent(probability) {
  if (probability > 0.99) return `>${SPACE}99${SPACE}%`;
  if (probability < 0.01) return `<${SPACE}1${SPACE}%`;
  return `${wholeParts(probability, 100)}${SPACE}%`;
}

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

function wholeParts(probability, of) {
  return Math.floor(probability * of + 0.5);
}

export function wordPlace(law, probability) {
  return law.tenths[wholeParts(probability, 10)];
}

export function likelihood(law, language, probability) {
  return law.words[language][wordPlace(law, probability)];
}

// The law of present/odds.py, from its own texts.
export function odds(law, language, probability) {
  const share = percent(probability);
  const hundredths = wholeParts(probability, 100);
  if (hundredths < 10 || hundredths > 90) return share;
  const [one, many] = law.chances[language];
  const n = wholeParts(probability, 10);
  return `${share}, ${n === 1 ? one : filled(many, { n })}`;
}
