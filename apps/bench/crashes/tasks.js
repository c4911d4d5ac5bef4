// The tasks that strike, as every library takes them: exports of a module.

import process from "node:process";

export const ok = (n) => n + 1;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms, ms));

export const exit = () => process.exit(3);

/** Works on, while a timer of its own throws. */
export function late(ms) {
  setTimeout(() => {
    throw new Error("late");
  }, 20);
  return sleep(ms);
}

export function spin() {
  for (;;);
}
