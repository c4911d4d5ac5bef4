// The tasks of the queue's faults: what they do can be seen from outside.

import { appendFileSync } from "node:fs";
import { taskContext } from "../../../mod.ts";

/** Doubles a number. */
export function double(n: number): number {
  return 2 * n;
}

/** Waits without being busy. */
export async function nap(ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
}

/** Is busy, and hears nothing. */
export function spin(ms: number): number {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

/** Notes that it runs, and when. */
export function note(file: string, text: string): number {
  appendFileSync(file, `${text}\n`);
  return Date.now();
}

/** Notes that it runs, and then waits. */
export async function noteAndNap(file: string, text: string, ms: number): Promise<string> {
  note(file, text);
  await nap(ms);
  return text;
}

/** Notes its id in a file that all calls share, each line whole, and answers with it. */
export async function mark(file: string, id: string, ms: number): Promise<string> {
  appendFileSync(file, `${id}\n`);
  if (ms > 0) await nap(ms);
  return id;
}

/** Answers with what it was given. */
export function same(value: unknown): unknown {
  return value;
}

/** Fails with an error that has everything. */
export function fail(text: string): never {
  throw Object.assign(new RangeError(text, { cause: new TypeError("why") }), { code: "E_FAIL" });
}

/** Fails for every second number. */
export function failOdd(n: number): number {
  if (n % 2 === 1) fail(`${n} is odd`);
  return n;
}

/** Tells how far it is. */
export async function walk(steps: number): Promise<number> {
  const { progress } = taskContext();
  for (let step = 1; step <= steps; step++) {
    await nap(1);
    progress(step / steps);
  }
  return steps;
}
