// A page that stays smooth: what computes is done by a Web Worker. There is no bundler, and no `await using`, which some browsers do
// not know yet: the pool lives as long as the page.

import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";

const jobs = importTasks(new URL("./jobs.js", import.meta.url));
const pool = new ThreadPoolExecutor();

const button = document.querySelector("button");
const output = document.querySelector("output");
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
const progress = document.querySelector("progress");
requestAnimationFrame(function move() {
  progress.value = (progress.value + 1) % 100;
  requestAnimationFrame(move);
});
