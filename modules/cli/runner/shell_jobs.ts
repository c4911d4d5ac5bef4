// Runs shell commands, each in a process group of its own, and ends the whole group when a job is to end.

import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import type { Job } from "../input/item.ts";
import { type Filling, readTemplate } from "../plan/template.ts";
import { Guard } from "./guard.ts";
import {
  CANCELLED,
  DONE,
  type Ending,
  type Failure,
  type Launcher,
  type Running,
} from "./launcher.ts";

/** Milliseconds from asking a group to end to ending it. */
const GRACE_MS = 1000;

/** So much of what a job says on the side is kept for its block. */
const MOST_PRINTED = 1 << 20;

/** A reason need not be longer. */
const MOST_DETAIL = 200;

/** How commands are run. */
export interface ShellOptions {
  readonly command: string;
  readonly jobs: number;
  /** Milliseconds a job may run. */
  readonly timeout: number | undefined;
  /** Shows at once what a job says on the side. */
  readonly onPrinted: ((running: Running, bytes: Uint8Array) => void) | undefined;
}

/** Starts shells. */
export class ShellJobs implements Launcher {
  readonly #options: ShellOptions;
  readonly #fill: (filling: Filling) => string;
  readonly #groups = new Set<Group>();
  #guard: Guard | undefined = undefined;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#fill = readTemplate(options.command);
  }

  room(): { together: number; launches: number } {
    return { together: 1, launches: this.#options.jobs };
  }

  async launch([running]: readonly Running[], signal: AbortSignal): Promise<readonly Ending[]> {
    if (running === undefined) return [];
    if (signal.aborted) return [CANCELLED];
    this.#guard ??= new Guard();
    return [await this.#run(running, signal, this.#guard)];
  }

  commandOf({ item, seq }: Job): string {
    return this.#fill({ item, seq, slot: 1 });
  }

  kill(): void {
    for (const group of this.#groups) group.kill("SIGKILL");
  }

  async close(): Promise<void> {
    this.#guard?.close();
  }

  #run(running: Running, signal: AbortSignal, guard: Guard): Promise<Ending> {
    const { job, slot, output } = running;
    const command = this.#fill({ item: job.item, seq: job.seq, slot });
    return new Promise((resolve) => {
      let shell: ChildProcess;
      try {
        shell = spawn("/bin/sh", ["-c", command], {
          detached: true,
          stdio: ["ignore", "pipe", "pipe"],
          env: { ...process.env, ...guard.mark() },
        });
      } catch (error) {
        return resolve(failed(127, { reason: (error as Error).message }));
      }
      const group = new Group(shell, guard);
      this.#groups.add(group);
      const printed = new Printed(
        this.#options.onPrinted && ((bytes) => this.#options.onPrinted?.(running, bytes)),
      );
      let why: "cancelled" | "timeout" | undefined;
      const cancel = () => {
        why ??= "cancelled";
        group.end();
      };
      signal.addEventListener("abort", cancel, { once: true });
      const { timeout } = this.#options;
      const timer =
        timeout === undefined
          ? undefined
          : setTimeout(() => {
              why ??= "timeout";
              group.end();
            }, timeout);
      const settle = (ending: Ending) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", cancel);
        group.ended();
        this.#groups.delete(group);
        resolve({ ...ending, printed: printed.rest() });
      };
      shell.on("error", ({ message }) => settle(failed(127, { reason: message })));
      forward(shell.stdout as Readable, (bytes) => output.write(bytes));
      forward(shell.stderr as Readable, (bytes) => printed.add(bytes));
      shell.on("close", (code: number | null, name: NodeJS.Signals | null) => {
        if (why === "cancelled") settle(CANCELLED);
        else if (why === "timeout")
          settle(failed(124, { reason: `it ran longer than ${timeout} ms` }, name));
        else if (code === 0) settle(DONE);
        else settle(failed(code ?? 0, reasonOf(code, name, printed.lastLine()), name));
      });
    });
  }
}

/** A shell and all it has started. */
class Group {
  readonly #shell: ChildProcess;
  readonly #guard: Guard;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(shell: ChildProcess, guard: Guard) {
    this.#shell = shell;
    this.#guard = guard;
    if (shell.pid !== undefined) guard.add(shell.pid);
  }

  /** Asks it to end, and after a while does not ask. */
  end(): void {
    this.kill("SIGTERM");
    this.#timer ??= setTimeout(() => {
      this.kill("SIGKILL");
      // What has left the group may hold the pipes for ever.
      this.#shell.stdout?.destroy();
      this.#shell.stderr?.destroy();
    }, GRACE_MS);
  }

  /** The shell has ended, and what it started holds no pipe. */
  ended(): void {
    clearTimeout(this.#timer);
    if (this.#shell.pid !== undefined) this.#guard.remove(this.#shell.pid);
  }

  /** Sends all of it a signal. */
  kill(signal: NodeJS.Signals): void {
    if (this.#shell.pid === undefined) return;
    try {
      process.kill(-this.#shell.pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

/** What a job says on the side: shown at once, or kept for its block. */
class Printed {
  readonly #show: ((bytes: Uint8Array) => void) | undefined;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #last: Uint8Array = new Uint8Array();

  constructor(show: ((bytes: Uint8Array) => void) | undefined) {
    this.#show = show;
  }

  add(bytes: Uint8Array): undefined {
    this.#last = bytes;
    if (this.#show !== undefined) {
      this.#show(bytes);
      return;
    }
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    // The end says more than the beginning.
    while (this.#size > MOST_PRINTED && this.#pieces.length > 1)
      this.#size -= (this.#pieces.shift() as Uint8Array).length;
  }

  rest(): Uint8Array | undefined {
    return this.#size === 0 ? undefined : Buffer.concat(this.#pieces);
  }

  lastLine(): string | undefined {
    const lines = Buffer.from(this.#last).toString().trimEnd().split("\n");
    return lines.at(-1)?.slice(0, MOST_DETAIL) || undefined;
  }
}

function forward(stream: Readable, write: (bytes: Uint8Array) => Promise<void> | undefined): void {
  stream.on("error", () => {});
  stream.on("data", (bytes: Uint8Array) => {
    const room = write(bytes);
    if (room === undefined) return;
    stream.pause();
    void room.then(() => stream.resume());
  });
}

function failed(exitCode: number, failure: Failure, signal: NodeJS.Signals | null = null): Ending {
  const number =
    signal === null ? 0 : (process.getBuiltinModule("node:os").constants.signals[signal] ?? 0);
  return { state: "failed", exitCode, signal: number, failure };
}

function reasonOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  detail: string | undefined,
): Failure {
  return { reason: code === null ? `ended by ${signal}` : `exit code ${code}`, detail };
}
