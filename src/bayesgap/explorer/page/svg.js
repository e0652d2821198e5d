// Pictures: elements, scales and axes. Every picture is one image with a text that tells it.

const NAMESPACE = "http://www.w3.org/2000/svg";

export function shape(name, attributes = {}, ...children) {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function picture(width, height, label) {
  return shape("svg", {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-label": label,
  });
}

export function label(x, y, words, attributes = {}) {
  return shape("text", { x, y, ...attributes }, words);
}

// Room that the longest of some words takes, about.
export function textWidth(words) {
  return 7.6 * Math.max(...words.map((word) => word.length));
}

export function scale([low, high], [start, end]) {
  const stretch = high === low ? 0 : (end - start) / (high - low);
  return (value) => start + (value - low) * stretch;
}

// Round values in a range: steps of 1, 2 or 5 times a power of ten.
export function ticks([low, high], count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}

// The range of values, with 0 in it if wanted, and a margin on both sides.
export function extent(values, withZero = false) {
  const all = withZero ? [0, ...values] : values;
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const margin = 0.04 * (high - low || 1);
  return [low - margin, high + margin];
}

export function path(points) {
  return points.map(([x, y], place) => `${place ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

export function band(years, lows, highs, x, y) {
  const there = years.map((year, place) => [x(year), y(highs[place])]);
  const back = years.map((year, place) => [x(year), y(lows[place])]).reverse();
  return `${path([...there, ...back])}Z`;
}

export function horizontalGrid(svg, values, y, [left, right], written) {
  for (const value of values) {
    const line = { x1: left, x2: right, y1: y(value), y2: y(value) };
    svg.append(shape("line", { ...line, class: value === 0 ? "zero" : "grid" }));
    svg.append(label(left - 8, y(value) + 4, written(value), { class: "tick", "text-anchor": "end" }));
  }
}

export function verticalGrid(svg, values, x, [top, bottom], written) {
  for (const value of values) {
    const line = { x1: x(value), x2: x(value), y1: top, y2: bottom };
    svg.append(shape("line", { ...line, class: value === 0 ? "zero" : "grid" }));
    const place = { class: "tick", "text-anchor": "middle" };
    svg.append(label(x(value), bottom + 18, written(value), place));
  }
}

// A median and its intervals on a line at height `y`: 95 % thin, 80 % thicker, 50 % thickest.
export function intervals(svg, quantiles, x, y, outer, kind = "gap") {
  const bars = [
    [0, 6, 2, 95],
    [1, 5, 5, 80],
    [2, 4, 9, 50],
  ];
  for (const [low, high, thickness, level] of bars) {
    if (level > outer) continue;
    const [start, end] = [x(quantiles[low]), x(quantiles[high])];
    const bar = { x: start, y: y - thickness / 2, width: Math.max(end - start, 1) };
    svg.append(shape("rect", { ...bar, height: thickness, class: `bar ${kind} of${level}` }));
  }
  svg.append(shape("circle", { cx: x(quantiles[3]), cy: y, r: 4.5, class: `middle ${kind}` }));
}
