// Everything about one job, in a dialog; a picture is drawn as the picture it is.

import { get, pixels } from "./api.js";
import { bytes, duration, h } from "./dom.js";

const dialog = document.getElementById("detail");

export async function showDetail(id) {
  const { job } = await get(`/api/jobs/${encodeURIComponent(id)}`);
  const close = h("button", { type: "button", className: "small" }, "Close");
  close.onclick = () => dialog.close();
  dialog.replaceChildren(
    h(
      "div",
      { className: "bar" },
      h("h2", { id: "detail-title" }, `${job.kind} #${job.number}`),
      h("span", { className: "state", "data-state": job.state }, job.state),
      close,
    ),
    h(
      "dl",
      { className: "facts" },
      ...facts(job).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    ),
    ...(job.error ? errors(job.error) : []),
    ...(await results(job)),
  );
  if (!dialog.open) dialog.showModal();
}

function facts(job) {
  const all = [
    ["Id", job.id],
    ["Executor", job.executor],
    ["Worker", job.worker],
    ["File", job.file && `${job.file.name}, ${bytes(job.file.bytes)}`],
    ["Parameters", entries(job.parameters)],
    ["Options", entries(job.options)],
    ["Submitted", clock(job.submittedAt)],
    ["Waited", job.startedAt && duration(job.startedAt - job.submittedAt)],
    ["Ran", job.startedAt && job.finishedAt && duration(job.finishedAt - job.startedAt)],
  ];
  return all.filter(([, value]) => value);
}

function errors(error) {
  const parts = [];
  for (let e = error; e !== null; e = e.cause) {
    // The end of a chain that crossed from a worker: nothing but the stack it had there.
    const remote = e.name === "RemoteTraceback";
    const cause = e === error ? "" : "Caused by ";
    if (!remote) parts.push(h("p", { className: "error" }, `${cause}${e.name}: ${e.message}`));
    const title = remote ? "Stack in the worker" : "Stack";
    if (e.stack) parts.push(h("details", {}, h("summary", {}, title), h("pre", {}, e.stack)));
  }
  return parts;
}

async function results(job) {
  if (job.result === null) return [];
  const parts = [h("h3", {}, "Result")];
  if (job.result.pixels) parts.push(draw(job.result, await pixels(job.result.pixels.href)));
  if (job.result.top) parts.push(frequencies(job.result.top));
  parts.push(h("pre", {}, JSON.stringify(job.result, null, 2)));
  return parts;
}

function draw({ width, height }, indices) {
  const canvas = h("canvas", { width, height, role: "img", "aria-label": "The Mandelbrot tile" });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (const [i, index] of indices.entries()) image.data.set(colour(index), i * 4);
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Black inside the set; outside a palette without an edge, from a cosine for each channel. */
function colour(index) {
  if (index === 0) return [0, 0, 0, 255];
  const t = (index / 255) * 2 * Math.PI;
  const channel = (phase) => Math.round(127.5 * (1 - Math.cos(t + phase)));
  return [channel(0.2), channel(0.7), channel(1.5), 255];
}

function frequencies(top) {
  const most = top[0]?.count ?? 1;
  return h(
    "ol",
    { className: "words" },
    ...top.map(({ word, count }) => {
      return h(
        "li",
        {},
        h("span", {}, word),
        h("meter", { max: most, value: count, "aria-hidden": "true" }),
        h("span", {}, String(count)),
      );
    }),
  );
}

function entries(record) {
  return Object.entries(record)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function clock(ms) {
  return ms && new Date(ms).toLocaleTimeString();
}
