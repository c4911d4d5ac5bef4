// A page that stays smooth, built by Vite: what computes is done by a Web Worker.

import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";

const jobs = importTasks<typeof import("./jobs.ts")>(new URL("./jobs.ts", import.meta.url));
const pool = new ThreadPoolExecutor();

const button = find("button");
const output = find("output");
button.disabled = false;
button.addEventListener("click", async () => {
  button.disabled = true;
  output.textContent = "counting";
  try {
    output.textContent = String(await pool.submit(jobs.countPrimes, 5_000_000));
  } catch (error) {
    output.textContent = String(error);
  }
  button.disabled = false;
});

// This would stand still if the page counted itself.
const progress = find("progress");
requestAnimationFrame(function move() {
  progress.value = (progress.value + 1) % 100;
  requestAnimationFrame(move);
});

function find<K extends keyof HTMLElementTagNameMap>(name: K): HTMLElementTagNameMap[K] {
  const found = document.querySelector(name);
  if (found === null) throw new TypeError(`Cannot find <${name}>: it is not in the page`);
  return found;
}
