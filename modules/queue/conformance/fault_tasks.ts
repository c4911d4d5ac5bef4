// The tasks of the queue's faults: what they do can be seen from outside.

import { appendFileSync } from "node:fs";

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
