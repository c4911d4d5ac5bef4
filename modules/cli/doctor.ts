// futures doctor: what works here and how fast. What a bug report should contain.

import { readFileSync } from "node:fs";
import { availableParallelism, freemem, platform, release, totalmem } from "node:os";
import process from "node:process";
import { EventLoopExecutor } from "../core/event_loop_executor.ts";
import type { Executor } from "../core/executor.ts";
import { importTasks } from "../core/import_tasks.ts";
import { cores, loadPools, mappedMemoryModule, type PoolSettings, RUNTIME } from "./backend.ts";
import type { CommandLine } from "./command_line.ts";
import { count } from "./output/frame.ts";
import { print } from "./print.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** An executor that does not answer by then does not work. */
const PATIENCE_MS = 15_000;

/** Calls that are submitted at once. */
const BURST = 2000;

const DEFAULT_SECONDS = 10;

/** What an executor is asked: a module that needs no file. */
const { add } = importTasks<{ add(a: number, b: number): number }>(
  "data:text/javascript,export const add = (a, b) => a + b",
);

/** Prints all of it. */
export async function doctor({ flags }: CommandLine): Promise<number> {
  const seconds = flags.seconds === undefined ? DEFAULT_SECONDS : Number(flags.seconds);
  if (!(seconds >= 0))
    throw new UsageError(`Cannot use --seconds: expected a number, got "${flags.seconds}"`);
  await print([...aboutMachine(), ...(await permissions()), ""].join("\n"));
  const kinds = await executors();
  let allWork = true;
  for (const [name, make] of kinds) {
    const told = await examine(make, (seconds * 1000) / kinds.length);
    allWork &&= told.works;
    await print(`${name.padEnd(22)}${told.text}\n`);
  }
  return allWork ? 0 : 1;
}

function aboutMachine(): string[] {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return [
    `futures       ${VERSION}`,
    `runtime       ${RUNTIME} ${versionOf()}`,
    `system        ${platform()} ${release()} ${process.arch}`,
    `cores         ${cores()} (${availableParallelism()} may be used)`,
    `memory        ${gib(totalmem())}, ${gib(freemem())} free`,
    `shared memory ${typeof SharedArrayBuffer === "undefined" ? "none" : "yes"}`,
    ...limits(),
  ];
}

function versionOf(): string {
  const { versions } = process as { versions: Record<string, string | undefined> };
  return versions[RUNTIME.toLowerCase()] ?? "unknown";
}

/** What a process may have at once, where the system tells it in a file. */
function limits(): string[] {
  try {
    const wanted = /^(Max (?:open files|processes)) +(\S+)/gm;
    const text = readFileSync("/proc/self/limits", "utf8");
    return [...text.matchAll(wanted)].map(
      ([, name = "", limit = ""]) => `${name.slice(4).padEnd(13)} ${limit} at most`,
    );
  } catch {
    return [];
  }
}

/** What Deno allows. */
async function permissions(): Promise<string[]> {
  if (RUNTIME !== "Deno") return [];
  const { Deno } = globalThis as unknown as {
    Deno: { permissions: { query(of: { name: string }): Promise<{ state: string }> } };
  };
  const names = ["read", "write", "run", "env", "net", "sys", "ffi"];
  const states = await Promise.all(
    names.map(async (name) => (await Deno.permissions.query({ name })).state),
  );
  const granted = names.filter((_, at) => states[at] === "granted");
  return [
    `permissions   ${granted.length === 0 ? "none" : granted.join(", ")}`,
    `mapped memory ${await mappedMemory(granted.includes("ffi"))}`,
  ];
}

/** Whether processes on Deno map what they share with this program: it takes leave to load libraries. */
async function mappedMemory(mayLoad: boolean): Promise<string> {
  const { triedMemory } = (await import(mappedMemoryModule().href)) as {
    triedMemory(): "mapped" | "read and written" | "none";
  };
  const tried = triedMemory();
  if (tried === "mapped") return "yes";
  if (tried === "none") return "no: processes share none, and each task travels alone";
  const why = mayLoad
    ? "it failed"
    : "with --allow-ffi it is mapped, and short tasks take a third of the time";
  return `no: processes read and write a file; ${why}`;
}

type Make = () => Executor;

async function executors(): Promise<[name: string, make: Make][]> {
  const { ThreadPoolExecutor, ProcessPoolExecutor } = await loadPools();
  const options: PoolSettings = { name: "doctor", maxWorkers: 2, onError() {} };
  return [
    ["EventLoopExecutor", () => new EventLoopExecutor({ maxWorkers: 2 })],
    ["ThreadPoolExecutor", () => new ThreadPoolExecutor(options)],
    ["ProcessPoolExecutor", () => new ProcessPoolExecutor(options)],
  ];
}

/** Says whether an executor works, and measures it for so long. */
async function examine(make: Make, ms: number): Promise<{ works: boolean; text: string }> {
  const started = performance.now();
  try {
    await using executor = make();
    await executor.submit(add, 20, 22).result({ timeout: PATIENCE_MS });
    const firstMs = performance.now() - started;
    const trip = await measure(ms / 2, async () => {
      await executor.submit(add, 1, 2);
    });
    const burst = await measure(ms / 2, async () => {
      await Promise.all(Array.from({ length: BURST }, (_, at) => executor.submit(add, at, 1)));
    });
    const figures = [
      `first result ${firstMs.toFixed(0)} ms`,
      `round trip ${(trip * 1000).toFixed(1)} µs`,
      `${count(Math.round((BURST / burst) * 1000))} calls/s at once`,
    ];
    return { works: true, text: `works: ${figures.join(", ")}` };
  } catch (error) {
    const { message } = error as Error;
    return { works: false, text: `does not work: ${message}` };
  }
}

/** The milliseconds that a deed takes, on average over so long; at least once. */
async function measure(ms: number, deed: () => Promise<void>): Promise<number> {
  const start = performance.now();
  let times = 0;
  do {
    await deed();
    times++;
  } while (performance.now() - start < ms);
  return (performance.now() - start) / times;
}
