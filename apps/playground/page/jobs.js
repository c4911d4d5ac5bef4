// The table of jobs: newest first, kept up to date row by row.

import { get, post } from "./api.js";
import { showDetail } from "./detail.js";
import { bytes, duration, h, setHidden, setText } from "./dom.js";

const STATES = ["all", "pending", "running", "finished", "failed", "cancelled"];

/** Rows in the table; with more, scrolling would not help anybody. */
const SHOWN = 100;

/** Running times move this often. */
const TICK_MS = 250;

export function jobTable() {
  const body = document.getElementById("rows");
  const empty = document.getElementById("empty");
  const more = document.getElementById("more");
  const tabs = makeTabs(choose);
  /** By id. */
  let jobs = new Map();
  const rows = new Map();
  let counts = {};
  let chosen = "all";
  let planned = false;

  function plan() {
    if (planned) return;
    planned = true;
    requestAnimationFrame(render);
  }

  function render() {
    planned = false;
    const wanted = [...jobs.values()]
      .filter(({ state }) => chosen === "all" || state === chosen)
      .sort((a, b) => b.number - a.number);
    const shown = wanted.slice(0, SHOWN);
    const kept = new Set(shown.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      rows.delete(id);
    }
    shown.forEach((job, i) => {
      let row = rows.get(job.id);
      if (row === undefined) {
        row = makeRow(job.id);
        rows.set(job.id, row);
      }
      // Moves only what is out of place, so that a focused button keeps its focus.
      if (body.children[i] !== row.element)
        body.insertBefore(row.element, body.children[i] ?? null);
      row.show(job);
    });
    const total =
      chosen === "all" ? Object.values(counts).reduce((a, b) => a + b, 0) : counts[chosen];
    tabs.show(counts, chosen);
    setHidden(empty, shown.length > 0);
    setHidden(more, total <= shown.length);
    setText(more, `The newest ${shown.length} of ${total} are shown.`);
    if (shown.length === 0)
      setText(
        empty,
        chosen === "all"
          ? "No job yet: choose one, submit it, and watch it here."
          : `No job is ${chosen} now.`,
      );
  }

  function choose(state) {
    chosen = state;
    plan();
    fetchChosen();
  }

  /** The stream starts with the newest jobs; a tab may want older ones. */
  async function fetchChosen() {
    if (chosen === "all") return;
    const answer = await get(`/api/jobs?state=${chosen}&limit=${SHOWN}`);
    for (const job of answer.jobs) jobs.set(job.id, job);
    plan();
  }

  setInterval(() => {
    for (const [id, row] of rows) if (jobs.get(id)?.finishedAt === null) row.tick(jobs.get(id));
  }, TICK_MS);
  render();

  return {
    replace(newJobs, newCounts) {
      jobs = new Map(newJobs.map((job) => [job.id, job]));
      counts = newCounts;
      plan();
      fetchChosen();
    },
    merge(newJobs, forgotten, newCounts) {
      for (const job of newJobs) jobs.set(job.id, job);
      for (const id of forgotten) jobs.delete(id);
      counts = newCounts;
      plan();
    },
  };
}

function makeTabs(choose) {
  const buttons = STATES.map((state) => {
    const count = h("span", { className: "count" }, "0");
    const button = h(
      "button",
      { type: "button" },
      `${state[0].toUpperCase()}${state.slice(1)} `,
      count,
    );
    button.onclick = () => choose(state);
    return { state, button, count };
  });
  document.getElementById("tabs").append(...buttons.map(({ button }) => button));
  return {
    show(counts, chosen) {
      const all = Object.values(counts).reduce((a, b) => a + b, 0);
      for (const { state, button, count } of buttons) {
        setText(count, String(state === "all" ? all : (counts[state] ?? 0)));
        button.setAttribute("aria-pressed", String(state === chosen));
      }
    },
  };
}

function makeRow(id) {
  const open = h("button", { type: "button", className: "link", title: "Show this job" });
  const number = h("span", { className: "quiet" });
  const where = h("span", { className: "quiet" });
  const state = h("span", { className: "state" });
  const progress = h("progress", { max: 1, value: 0, hidden: true });
  const waited = h("td", { className: "time" });
  const ran = h("td", { className: "time" });
  const result = h("span", { className: "result" });
  const stop = h("button", { type: "button", className: "small" });
  open.onclick = () => showDetail(id);
  const element = h(
    "tr",
    {},
    h("td", {}, h("div", { className: "two" }, h("span", {}, open, " ", number), where)),
    h("td", {}, h("div", { className: "two" }, state, progress)),
    waited,
    ran,
    h("td", { className: "outcome" }, result),
    h("td", { className: "actions" }, stop),
  );

  function tick(job) {
    const now = Date.now();
    setText(waited, duration((job.startedAt ?? job.finishedAt ?? now) - job.submittedAt));
    setText(ran, job.startedAt === null ? "" : duration((job.finishedAt ?? now) - job.startedAt));
  }

  function show(job) {
    setText(open, job.kind);
    setText(number, `#${job.number}`);
    open.setAttribute("aria-label", `Show ${job.kind} job ${job.number}`);
    setText(
      where,
      [job.worker ?? job.executor, job.file && `${job.file.name} ${bytes(job.file.bytes)}`]
        .filter(Boolean)
        .join(" · "),
    );
    state.dataset.state = job.state;
    setText(state, job.state);
    setHidden(progress, job.state !== "running" || job.progress === null);
    progress.value = job.progress?.fraction ?? 0;
    progress.setAttribute("aria-label", `Progress of ${job.kind}`);
    setText(result, outcome(job));
    result.dataset.error = String(job.error !== null && job.state === "failed");
    const active = job.state === "pending" || job.state === "running";
    setHidden(stop, !active);
    const interrupt = job.state === "running";
    setText(stop, interrupt ? "Interrupt" : "Cancel");
    stop.onclick = () => post(`/api/jobs/${id}/cancel`, { interrupt });
    tick(job);
  }
  return { element, show, tick };
}

function outcome(job) {
  if (job.state === "running") return job.progress?.detail ?? "";
  if (job.state === "cancelled") return "";
  if (job.error !== null) return `${job.error.name}: ${job.error.message}`;
  return job.summary ?? "";
}
