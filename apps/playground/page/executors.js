// Shows each executor: what it is, how busy, and what it has done.

import { h, setText } from "./dom.js";

const place = document.getElementById("executors");
const cards = new Map();

const FIGURES = [
  ["queued", "queued"],
  ["running", "running"],
  ["finished", "finished"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
  ["lost", "workers lost"],
  ["abandoned", "left behind"],
];

export function showExecutors(executors) {
  for (const executor of executors) {
    let card = cards.get(executor.name);
    if (card === undefined) {
      card = makeCard(executor);
      cards.set(executor.name, card);
      place.append(card.element);
    }
    const { stats } = executor;
    setText(card.busy, busyness(executor));
    for (const [name] of FIGURES) setText(card.figures.get(name), String(stats[name] ?? 0));
  }
}

function makeCard(executor) {
  const figures = new Map(FIGURES.map(([name]) => [name, h("dd", {}, "0")]));
  const busy = h("p", { className: "quiet" });
  const element = h(
    "article",
    { className: "panel executor" },
    h("h2", {}, executor.name, " ", h("small", {}, executor.type)),
    busy,
    h(
      "dl",
      {},
      ...FIGURES.map(([name, label]) => h("div", {}, figures.get(name), h("dt", {}, label))),
    ),
  );
  return { element, busy, figures };
}

function busyness({ stats, sharesEventLoop }) {
  if (stats.workers === 0) return "idle";
  return `${stats.busy} busy of ${stats.workers} ${sharesEventLoop ? "slots" : "workers"}`;
}
