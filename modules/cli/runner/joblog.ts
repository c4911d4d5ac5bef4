// The joblog: a line for each job that is done, in GNU parallel's columns and one more, the hash of its argument.

import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { type Item, labelOf } from "../input/item.ts";
import { UsageError } from "../usage_error.ts";

const HEADER = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\tHash\n";

/** GNU's name for this machine. */
const HOST = ":";

/** Where the columns are that are read again. */
const SEQ = 0;
const EXITVAL = 6;
const SIGNAL = 7;
const HASH = 9;

/** A job that is done. */
export interface JobRecord {
  readonly seq: number;
  readonly item: Item;
  /** Seconds since 1970. */
  readonly start: number;
  readonly seconds: number;
  readonly exitCode: number;
  /** The number of the signal that ended it, or 0. */
  readonly signal: number;
  readonly command: string;
}

/** An open joblog. */
export class Joblog {
  readonly #file: number;
  /** How often each argument was done in earlier runs, and has not come again. */
  readonly #done: Map<string, number>;

  /**
   * Opens a joblog: a new one, or, to resume, what earlier runs wrote.
   *
   * @param resume Whether what is done is left out; `"failed"` runs failed jobs again.
   * @throws {UsageError} When the file cannot be opened, or is no joblog.
   */
  constructor(path: string, resume: boolean | "failed") {
    const text = resume === false ? "" : readIfThere(path);
    // Cut off within its first line, it says nothing yet.
    const isNew = !text.includes("\n");
    this.#done = isNew ? new Map() : readDone(text, path, resume === "failed");
    try {
      this.#file = openSync(path, isNew ? "w" : "a");
    } catch (error) {
      throw new UsageError(`Cannot write --joblog "${path}": ${(error as Error).message}`);
    }
    if (isNew) writeSync(this.#file, HEADER);
    // A line that was cut off when the machine stopped stays a line of its own, and counts for nothing.
    else if (!text.endsWith("\n")) writeSync(this.#file, "\n");
  }

  /** Tells whether an earlier run has done this item. Asked once for each item: one that stands there twice is done twice. */
  isDone(item: Item): boolean {
    if (this.#done.size === 0) return false;
    const hash = hashOf(item);
    const times = this.#done.get(hash) ?? 0;
    if (times === 0) return false;
    if (times === 1) this.#done.delete(hash);
    else this.#done.set(hash, times - 1);
    return true;
  }

  /**
   * Writes a line. It is in the hands of the operating system when this returns: a command that is killed loses none. Only a
   * machine that stops may.
   */
  write({ seq, item, start, seconds, exitCode, signal, command }: JobRecord): void {
    const columns = [
      seq,
      HOST,
      start.toFixed(3),
      seconds.toFixed(3).padStart(10),
      0,
      0,
      exitCode,
      signal,
      command.replace(/[\t\n\r\\]/g, (character) => ESCAPES[character] as string),
      hashOf(item),
    ];
    writeSync(this.#file, `${columns.join("\t")}\n`);
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#file);
  }
}

const ESCAPES: Record<string, string> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

/** The same for the same argument, also in another order or run. */
export function hashOf(item: Item): string {
  const kind = typeof item === "string" ? "text" : "json";
  return createHash("sha256")
    .update(`${kind}:${labelOf(item)}`)
    .digest("hex")
    .slice(0, 32);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new UsageError(`Cannot read --joblog "${path}": ${(error as Error).message}`);
  }
}

function readDone(text: string, path: string, failedAgain: boolean): Map<string, number> {
  const [header, ...lines] = text.split("\n");
  if (`${header}\n` !== HEADER)
    throw new UsageError(`Cannot resume: "${path}" is not a joblog of futures`);
  // By argument and place: one that failed and was run again has two lines, and is one job.
  const isDone = new Map<string, boolean>();
  // The last is empty, or was cut off.
  for (const line of lines.slice(0, -1)) {
    const columns = line.split("\t");
    const hash = columns[HASH];
    if (hash === undefined || !/^[0-9a-f]{32}$/.test(hash)) continue;
    const failed = columns[EXITVAL] !== "0" || columns[SIGNAL] !== "0";
    isDone.set(`${hash} ${columns[SEQ]}`, !(failed && failedAgain));
  }
  const times = new Map<string, number>();
  for (const [key, done] of isDone) {
    const [hash = ""] = key.split(" ");
    if (done) times.set(hash, (times.get(hash) ?? 0) + 1);
  }
  return times;
}
