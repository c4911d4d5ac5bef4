// The tasks of the queue's faults: what they do can be seen from outside.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
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

/** Notes that it runs, and ends only where it has run before. */
export async function hangAtFirst(file: string, text: string): Promise<string> {
  note(file, text);
  const runs = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line === text);
  if (runs.length === 1) await new Promise(() => {});
  return text;
}

/** As an initializer: fails for all but the first, once something has run there. */
export async function failBehindFirst(taken: string, file: string): Promise<void> {
  try {
    writeFileSync(taken, "", { flag: "wx" });
  } catch (error) {
    while (!existsSync(file)) await nap(10);
    throw error;
  }
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
