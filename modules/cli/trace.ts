// Writes when each job ran, in the format that Perfetto and Chrome open: --trace FILE.

import { closeSync, openSync, writeSync } from "node:fs";
import { sliceOf } from "../record/trace.ts";
import { labelOf } from "./input/item.ts";
import type { Ending, Running } from "./runner/launcher.ts";
import { UsageError } from "./usage_error.ts";

/** A file of trace events. */
export class Trace {
  readonly #file: number;
  #isFirst = true;

  /** @throws {UsageError} When the file cannot be written. */
  constructor(path: string) {
    try {
      this.#file = openSync(path, "w");
    } catch (error) {
      throw new UsageError(`Cannot write --trace "${path}": ${(error as Error).message}`);
    }
    writeSync(this.#file, "[");
  }

  /** Adds a job that has ended: a bar on the lane of its slot. */
  add({ job, slot, startedAt }: Running, { state, failure }: Ending, ms: number): void {
    const args = { seq: job.seq, ...(failure === undefined ? {} : { reason: failure.reason }) };
    const event = sliceOf(labelOf(job.item), state, [1, slot], startedAt, ms, args);
    writeSync(this.#file, `${this.#isFirst ? "\n" : ",\n"}${JSON.stringify(event)}`);
    this.#isFirst = false;
  }

  /** Ends the file. A trace without its end can be opened, too. */
  close(): void {
    writeSync(this.#file, "\n]\n");
    closeSync(this.#file);
  }
}
