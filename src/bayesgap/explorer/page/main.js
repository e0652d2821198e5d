// The page: reads its data, follows the controls and the link, draws every view.

import { compareView } from "./compare.js";
import { fillControls, showControls, tieControls } from "./controls.js";
import { chanceOf, readData } from "./data.js";
import { dotsView } from "./dots.js";
import { fanView } from "./fan.js";
import { firstView } from "./first.js";
import { groupsView } from "./groups.js";
import { mapView } from "./map.js";
import { answer, speaker } from "./names.js";
import { firstState, linkOf, settled, stateOf } from "./state.js";
import { csvOf, element, tableOf } from "./table.js";
import { person } from "./words.js";

const VIEWS = {
  fan: fanView,
  dots: dotsView,
  groups: groupsView,
  map: mapView,
  first: firstView,
  compare: compareView,
};

const read = (id) => JSON.parse(document.getElementById(id).textContent);

function translate(speak) {
  document.documentElement.lang = speak.language;
  for (const node of document.querySelectorAll("[data-t]")) {
    node.textContent = speak.t(node.dataset.t);
  }
  for (const node of document.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", speak.t(node.dataset.tLabel));
  }
}

function showHealth({ content }, speak) {
  const { verdict, open, effective } = content.health;
  const badge = document.getElementById("verdict");
  badge.className = `verdict ${verdict}`;
  badge.textContent = verdict;
  document.getElementById("verdictWords").textContent = speak.t("verdictWords");
  document.body.dataset.verdict = verdict;
  const items = open.map((check) =>
    element("li", {}, `${check.verdict}: `, element("span", { lang: "en" }, check.sentence)),
  );
  document.getElementById("checks").replaceChildren(...items);
  document.getElementById("openChecks").hidden = !items.length;
  const error = (100 * 0.5) / Math.sqrt(effective ?? content.draws);
  document.getElementById("precision").textContent = speak.t("precision", {
    draws: person(content.draws),
    error: error < 1 ? error.toFixed(1).replace(".", speak.t("decimal")) : Math.ceil(error),
  });
}

function marks({ content }, state, speak) {
  const { run, health } = content;
  const scenario = speak.scenario(state.scenario);
  return speak.t("footer", { verdict: health.verdict, run, scenario });
}

function figure({ svg, caption, extra }) {
  const made = element("figure", {}, svg, element("figcaption", {}, caption));
  if (extra) made.append(extra);
  return made;
}

function showCard(card, view, footer) {
  card.querySelector(".headline").textContent = view.headline;
  card.querySelector(".pictures").replaceChildren(...view.pictures.map(figure));
  card.querySelector(".note").textContent = view.note;
  card.querySelector(".marks").textContent = footer;
  card.querySelector("details").hidden = !view.rows.length;
  fillTable(card, { ...view, title: `${card.querySelector("h2").textContent} ${footer}` });
}

// Tables are long: one is made when it is opened, and again while it is open.
function fillTable(card, view) {
  const box = card.querySelector("details");
  const fill = () => {
    const table = box.open && view.rows.length ? [tableOf(view)] : [];
    card.querySelector(".table").replaceChildren(...table);
  };
  box.ontoggle = fill;
  fill();
}

function download(name, text) {
  const blob = new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" });
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function copyLink(speak) {
  const status = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(location.href);
    status.textContent = speak.t("copied");
  } catch {
    status.textContent = `${speak.t("copyByHand")} ${location.href}`;
  }
}

class Page {
  constructor(data, texts, language) {
    Object.assign(this, { data, texts, views: {} });
    const before = firstState(data.content, language);
    this.state = stateOf(location.hash, data, before);
  }

  choose(change) {
    this.state = settled({ ...this.state, ...change }, this.data);
    history.replaceState(null, "", linkOf(this.state, this.data.content));
    const focus = document.activeElement?.dataset?.region;
    this.show();
    if (focus) document.querySelector(`.tile[data-region="${focus}"]`)?.focus();
  }

  show() {
    const { data, state } = this;
    if (this.speak?.language !== state.lang) this.speakAnew();
    showControls(data, state);
    const footer = marks(data, state, this.speak);
    for (const [name, view] of Object.entries(VIEWS)) this.showView(name, view, footer);
    const chosen = [this.speak.region(state.region), state.year, this.speak.part(state.part)];
    document.getElementById("chosen").textContent = chosen.join(" · ");
    this.showAnswer();
  }

  speakAnew() {
    const { data, state } = this;
    this.speak = speaker(data, this.texts, state.lang);
    document.title = `${this.speak.t("title")} – ${this.speak.t("explorer")}`;
    translate(this.speak);
    showHealth(data, this.speak);
    fillControls(data, this.speak);
  }

  showAnswer() {
    const { data, state, speak } = this;
    const words = answer(speak, data, state, chanceOf(data, state));
    document.getElementById("answer").textContent = words;
    const { marked } = data.content.parts[state.part];
    document.getElementById("star").textContent = marked ? speak.t("starNote") : "";
  }

  showView(name, view, footer) {
    const card = document.getElementById(name);
    const width = Math.max(280, card.querySelector(".pictures").clientWidth || 640);
    const extra = name === "map" ? (change) => this.choose(change) : width;
    this.views[name] = view(this.data, this.state, this.speak, extra);
    showCard(card, this.views[name], footer);
  }

  tie() {
    tieControls(this.data, () => this.state, (change) => this.choose(change));
    for (const button of document.querySelectorAll("button[data-csv]")) {
      button.addEventListener("click", () => this.save(button.dataset.csv));
    }
    document.getElementById("copy").addEventListener("click", () => copyLink(this.speak));
    document.getElementById("print").addEventListener("click", () => window.print());
    window.addEventListener("hashchange", () => {
      this.state = stateOf(location.hash, this.data, this.state);
      this.show();
    });
    this.followWidth();
  }

  followWidth() {
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
      if (window.innerWidth === width) return;
      width = window.innerWidth;
      this.show();
    });
  }

  save(name) {
    const { run } = this.data.content;
    download(`${run}_${name}.csv`, csvOf(this.data, this.views[name].records));
  }
}

function likelyLanguage() {
  return /^(nb|nn|no)\b/.test(navigator.language) ? "nb" : "en";
}

async function start() {
  const content = read("content");
  const data = await readData(content, document.getElementById("arrays").textContent);
  const page = new Page(data, read("texts"), likelyLanguage());
  page.show();
  page.tie();
  document.body.dataset.ready = "yes";
  performance.mark("first-plot");
}

start();
