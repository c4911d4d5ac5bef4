// A debugger, as an editor has one: it speaks the protocol of the runtime's inspector over its socket. And the proof that the
// steps of docs/debugging.md lead to a breakpoint in a task.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { importTasks, type PoolExecutor } from "../../../mod.ts";
import type { ProcessPoolOptions } from "../../workers/processes/process_options.ts";

/** The module of a task. Written out, so that its lines are what the debugger says they are. */
const MODULE = `export function double(n) {
  const doubled = 2 * n;
  return doubled;
}
`;

/** The line that is stopped at, counted from 0. */
const LINE = 2;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly params?: { readonly callFrames?: readonly Frame[] };
}

interface Frame {
  readonly callFrameId: string;
  readonly functionName: string;
  readonly location: { readonly lineNumber: number };
}

/** A debugger that is attached to one process. */
class Debugger implements Disposable {
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  readonly #pauses: (readonly Frame[])[] = [];
  #paused: (() => void) | undefined = undefined;
  #next = 1;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)));
  }

  static async attach(url: string): Promise<Debugger> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`Cannot attach to ${url}`));
    });
    return new Debugger(socket);
  }

  ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#asked.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }

  /** The frames of the next stop, the innermost first. */
  async paused(): Promise<readonly Frame[]> {
    while (this.#pauses.length === 0)
      await new Promise<void>((resolve) => {
        this.#paused = resolve;
      });
    return this.#pauses.shift() as readonly Frame[];
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  #hear({ id, method, result, error, params }: Answer): void {
    if (method === "Debugger.paused") {
      this.#pauses.push(params?.callFrames ?? []);
      this.#paused?.();
    }
    if (id === undefined) return;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) asked?.resolve(result ?? {});
    else asked?.reject(new Error(error.message));
  }
}

/** Proves that a debugger stops a task of a process, reads a variable there, and lets it go on. */
export async function proveBreakpoint(
  create: (options: ProcessPoolOptions) => PoolExecutor,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "futures-debug-"));
  const path = join(folder, "debugged_jobs.mjs");
  writeFileSync(path, MODULE);
  const jobs = importTasks<{ double(n: number): number }>(pathToFileURL(path));
  const pool = create({ maxWorkers: 1, inspect: "brk" });
  try {
    const future = pool.submit(jobs.double, 21);
    await until(() => pool.workers()[0]?.inspector !== undefined || future.done());
    // A worker that did not start says why.
    if (future.done()) await future;
    using client = await Debugger.attach(pool.workers()[0]?.inspector as string);
    for (const domain of ["Runtime", "Debugger"]) await client.ask(`${domain}.enable`);
    await client.ask("Debugger.setBreakpointsActive", { active: true });
    await client.ask("Debugger.setBreakpointByUrl", {
      urlRegex: "debugged_jobs\\.mjs",
      lineNumber: LINE,
    });
    await client.ask("Runtime.runIfWaitingForDebugger");
    let [frame] = await client.paused();
    while (frame?.functionName !== "double") {
      await client.ask("Debugger.resume");
      [frame] = await client.paused();
    }
    assert.equal(frame.location.lineNumber, LINE);
    const { callFrameId } = frame;
    const { result } = await client.ask("Debugger.evaluateOnCallFrame", {
      callFrameId,
      expression: "doubled",
    });
    assert.equal((result as { value?: unknown }).value, 42);
    assert.equal(future.done(), false, "it is stopped");
    await client.ask("Debugger.resume");
    assert.equal(await future, 42);
  } finally {
    await pool.terminateWorkers();
    rmSync(folder, { recursive: true });
  }
}

async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Proves that workers with \`inspect: true\` run on without anybody who looks, and what is refused. */
export async function proveAddresses(
  create: (options: ProcessPoolOptions) => PoolExecutor,
): Promise<void> {
  const square = importTasks<{ square(n: number): number }>(
    "data:text/javascript,export const square = (n) => n * n",
  );
  await using pool = create({ maxWorkers: 2, inspect: true });
  assert.deepEqual(await Array.fromAsync(pool.map(square.square, [1, 2, 3])), [1, 4, 9]);
  await until(() => pool.workers().every(({ inspector }) => inspector !== undefined));
  const addresses = pool.workers().map(({ inspector }) => inspector);
  for (const address of addresses) assert.match(String(address), /^ws:\/\/127\.0\.0\.1:\d+\/./);
  assert.equal(new Set(addresses).size, addresses.length, "each has its own");
  assert.throws(() => create({ inspect: "break" as never }), /expected true or "brk", got "break"/);
  await using plain = create({ maxWorkers: 1 });
  await plain.submit(square.square, 2);
  assert.equal("inspector" in (plain.workers()[0] ?? {}), false);
}
