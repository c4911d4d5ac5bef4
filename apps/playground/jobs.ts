// The playground's tasks: plain functions that do real work, loaded by workers by module and export name.
//
// They are ordinary code on purpose: a task is a function, and `taskContext()` is all it may know of the
// pool. The long ones work in slices and breathe between them, so that they hear a cancellation and do not
// hold up an event loop they share with the server. Those at the end misbehave because that is their job.
//
// `printing` has what they print shown beside the job.

import process from "node:process";
import type { Shared } from "@concurrent/futures";
import type { Lock } from "@concurrent/futures/sync";
import { type TaskContext, taskContext } from "@concurrent/futures/task";
import { csvRowsOf } from "./csv.ts";
import { printing } from "./printing.ts";

/** How long a slice of work may hold the event loop: short enough that nobody notices. */
const SLICE_MS = 12;

/** Progress is told so often at most, in milliseconds: nobody sees more. */
const PROGRESS_MS = 100;

/** Longer runs of letters are encoded data, not words, and would make results of any size. */
const LONGEST_WORD = 64;

/** Numbers sieved per block: the block's flags fit a processor's first cache. */
const SIEVE_BLOCK = 1 << 18;

/** How many of the last primes `primes` returns. */
const LAST_PRIMES = 5;

const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;

export interface WordFrequency {
  /** Words in the text, repetitions included. */
  words: number;
  /** Different words. */
  distinct: number;
  /** The most frequent words, most frequent first; equal counts in alphabetical order. */
  top: { word: string; count: number }[];
}

/** Counts the words of a UTF-8 text, without regard to case. */
export const wordFrequency = printing(async function wordFrequency(
  text: Uint8Array,
  top: number,
): Promise<WordFrequency> {
  const breathe = breather();
  const decoded = new TextDecoder().decode(text);
  const counts = new Map<string, number>();
  let words = 0;
  for (const match of decoded.matchAll(WORD)) {
    if (match[0].length > LONGEST_WORD) continue;
    const word = match[0].toLowerCase();
    counts.set(word, (counts.get(word) ?? 0) + 1);
    words++;
    if (words % 1024 === 0) await breathe(match.index / decoded.length);
  }
  console.log("%d words, %d of them different", words, counts.size);
  const ranked = [...counts].sort(
    ([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1),
  );
  return {
    words,
    distinct: counts.size,
    top: ranked.slice(0, top).map(([word, count]) => ({ word, count })),
  };
});

export interface Digest {
  algorithm: "SHA-256";
  hex: string;
  bytes: number;
}

/** Computes the SHA-256 digest of a file. */
export const sha256 = printing(async function sha256(
  file: Uint8Array<ArrayBuffer>,
): Promise<Digest> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", file));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { algorithm: "SHA-256", hex, bytes: file.byteLength };
});

export interface Primes {
  below: number;
  count: number;
  /** The largest few, in ascending order. */
  last: number[];
}

/** Counts the primes below `n` with a sieve of Eratosthenes in blocks, so that memory stays small. */
export const primes = printing(async function primes(n: number): Promise<Primes> {
  const breathe = breather();
  const small = primesUpTo(Math.ceil(Math.sqrt(n)));
  const flags = new Uint8Array(SIEVE_BLOCK);
  console.log("Sieving below %d with %d small primes", n, small.length);
  let count = 0;
  let last: number[] = [];
  for (let start = 2; start < n; start += SIEVE_BLOCK) {
    const end = Math.min(start + SIEVE_BLOCK, n);
    markComposites(flags, start, end, small);
    const found: number[] = [];
    for (let i = end - start - 1; i >= 0; i--) {
      if (flags[i] !== 0) continue;
      count++;
      if (found.length < LAST_PRIMES) found.unshift(start + i);
    }
    last = [...last, ...found].slice(-LAST_PRIMES);
    await breathe(end / n);
  }
  return { below: n, count, last };
});

function markComposites(flags: Uint8Array, start: number, end: number, small: number[]): void {
  flags.fill(0);
  for (const prime of small) {
    const first = Math.max(prime * prime, Math.ceil(start / prime) * prime);
    for (let multiple = first; multiple < end; multiple += prime) flags[multiple - start] = 1;
  }
}

function primesUpTo(limit: number): number[] {
  const composite = new Uint8Array(limit + 1);
  const found: number[] = [];
  for (let i = 2; i <= limit; i++) {
    if (composite[i] !== 0) continue;
    found.push(i);
    for (let multiple = i * i; multiple <= limit; multiple += i) composite[multiple] = 1;
  }
  return found;
}

export interface Tile {
  /** Centre of the tile in the complex plane. */
  x: number;
  y: number;
  /** Width of the tile in the complex plane. */
  span: number;
  /** Side of the square picture, in pixels. */
  size: number;
  iterations: number;
}

export interface Picture {
  width: number;
  height: number;
  /** One palette index per pixel, row by row: 0 is inside the set, 1 to 255 how soon a point escaped. */
  pixels: Uint8Array;
}

/** Draws a tile of the Mandelbrot set. */
export const mandelbrot = printing(async function mandelbrot(tile: Tile): Promise<Picture> {
  const breathe = breather();
  const { size, iterations } = tile;
  const step = tile.span / size;
  const pixels = new Uint8Array(size * size);
  for (let row = 0; row < size; row++) {
    const im = tile.y + (size / 2 - row - 0.5) * step;
    for (let column = 0; column < size; column++) {
      const re = tile.x + (column + 0.5 - size / 2) * step;
      pixels[row * size + column] = escapeColour(re, im, iterations);
    }
    await breathe((row + 1) / size);
  }
  return { width: size, height: size, pixels };
});

function escapeColour(re: number, im: number, iterations: number): number {
  let x = 0;
  let y = 0;
  for (let i = 0; i < iterations; i++) {
    const xx = x * x;
    const yy = y * y;
    // A generous radius, because the smooth colour below is exact only far out.
    if (xx + yy > 256) {
      const smooth = i + 1 - Math.log2(Math.log2(xx + yy) / 2);
      // Logarithmic, or the many steps near the edge would be noise.
      return 1 + (Math.floor(Math.log1p(Math.max(0, smooth)) * 60) % 255);
    }
    y = 2 * x * y + im;
    x = xx - yy + re;
  }
  return 0;
}

/** Waits, tells how far it is, and stops waiting at once when it is cancelled. */
export const sleep = printing(async function sleep(ms: number): Promise<{ slept: number }> {
  const { signal, progress } = taskContext();
  const started = performance.now();
  const step = Math.max(100, ms / 50);
  for (;;) {
    const elapsed = performance.now() - started;
    progress(Math.min(1, elapsed / ms), `${Math.floor(elapsed / 1000)} s of ${ms / 1000} s`);
    if (elapsed >= ms) return { slept: Math.round(elapsed) };
    await pause(Math.min(step, ms - elapsed), signal);
  }
});

/** Waits as for the answer of a host. Its executor sees to how many do so at once. */
export const visit = printing(async function visit(
  host: string,
  ms: number,
): Promise<{ host: string; ms: number }> {
  const { signal } = taskContext();
  await pause(ms, signal);
  return { host, ms };
});

export interface Found {
  square: number;
  /** How often this worker's copy of the table was read by now. */
  reads: number;
  entries: number;
}

/** By the tables themselves: each worker has one for all calls, and its own count. */
const readsOf = new WeakMap<object, number>();

/** Reads a table that calls share. */
export function lookup({ value: table }: Shared<number[]>, n: number): Found {
  const reads = (readsOf.get(table) ?? 0) + 1;
  readsOf.set(table, reads);
  return { square: table[n] as number, reads, entries: table.length };
}

/** Gives back what it was given: the shortest job there is. */
export function echo(value: number): number {
  return value;
}

/** Prints lines, one at a time. */
export const print = printing(async function print(lines: number): Promise<number> {
  const { signal, progress } = taskContext();
  for (let line = 1; line <= lines; line++) {
    if (line % 10 === 0) console.warn("Line %d, a warning: every tenth is one", line);
    else console.log("Line %d of %d", line, lines);
    progress(line / lines);
    await pause(20, signal);
  }
  return lines;
});

/** Yields the rows of a CSV text, and prints each. Returns how many there were, unless its reader leaves before. */
export const csvRows = printing(async function* csvRows(
  file: Uint8Array,
  ms: number,
): AsyncGenerator<string[], { rows: number }> {
  const { signal, progress } = taskContext();
  const text = new TextDecoder().decode(file);
  let [rows, read] = [0, 0];
  try {
    for (const row of csvRowsOf(text)) {
      console.log("row %d: %s", ++rows, row.join(" | "));
      read += row.join().length + 1;
      progress(Math.min(1, read / text.length), `${rows} rows`);
      yield row;
      await pause(ms, signal);
    }
    return { rows };
  } finally {
    console.log("closed behind %d rows", rows);
  }
});

/** Fails with an error that has a cause. */
export const fail = printing(function fail(message: string): never {
  console.error("About to throw: %s", message);
  throw new RangeError(message, { cause: new TypeError("the reason behind it") });
});

/** Ends the worker it runs in. */
export const exit = printing(function exit(code: number): never {
  console.warn("Ending this worker with code %d", code);
  process.exit(code);
});

/** Keeps its worker busy and deaf for `ms`: only ending the worker stops it earlier. */
export const spin = printing(function spin(ms: number): { rounds: number } {
  console.log("Deaf for %d ms", ms);
  const end = performance.now() + ms;
  let rounds = 0;
  while (performance.now() < end) rounds++;
  return { rounds };
});

/** Takes memory until there is none. */
export const exhaust = printing(function exhaust(): never {
  console.warn("Taking memory until there is none");
  const taken: number[][] = [];
  for (;;) taken.push(new Array<number>(1 << 16).fill(taken.length));
});

/** Returns what cannot be copied to another worker. */
export const uncloneable = printing(function uncloneable(): { explain(): string } {
  return { explain: () => "a function cannot be cloned" };
});

/** Returns a function that reports progress and, at the end of each slice, lets the event loop run. */
function breather(): (fraction: number) => Promise<void> | undefined {
  // The context must be asked for before the first `await`: afterwards another task may be running.
  const { signal, progress }: TaskContext = taskContext();
  let sliceEnd = performance.now() + SLICE_MS;
  let nextReport = 0;
  return function breathe(fraction) {
    const now = performance.now();
    if (now < sliceEnd) return undefined;
    if (now >= nextReport) {
      progress(fraction);
      nextReport = now + PROGRESS_MS;
    }
    return pause(0, signal).then(() => {
      sliceEnd = performance.now() + SLICE_MS;
    });
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", stop, { once: true });
    function wake(): void {
      signal.removeEventListener("abort", stop);
      resolve();
    }
    function stop(): void {
      clearTimeout(timer);
      reject(signal.reason);
    }
  });
}

/** Dies inside of a lock, unless whoever was there before did. */
export const dieInside = printing(async function dieInside(lock: Lock): Promise<{ token: number }> {
  using lease = await lock.acquire();
  if (lease.abandoned) return { token: lease.token };
  console.warn("Ending this worker inside of %s", lock.name);
  process.exit(3);
});

/** Waits for a lock while it holds it. */
export const deadlock = printing(async function deadlock(lock: Lock): Promise<void> {
  using _ = await lock.acquire();
  console.log("Holding %s, and waiting for it", lock.name);
  using __ = await lock.acquire();
});
