// Finds where the items come from: the command line, standard input, a file, a table, or a pattern of file names.

import fs from "node:fs";
import process from "node:process";
import type { CommandLine } from "../command_line.ts";
import { isTerminal, say } from "../output/terminal.ts";
import { UsageError } from "../usage_error.ts";
import type { Item } from "./item.ts";
import { splitRecords } from "./split_records.ts";

/** The items, some at a time, taken only as they are needed. */
export interface Input {
  readonly items: AsyncIterator<readonly Item[], unknown>;
  /** How many there are, where that is known from the beginning. */
  readonly total: number | undefined;
}

/** How many names of files are handed on at once. */
const BATCH = 64;

const SOURCES = ["csv", "tsv", "glob", "arg-file"] as const;

/**
 * Opens the input that the flags name; standard input if they name none.
 *
 * @throws {UsageError} When they name two, or there is no such file.
 */
export async function openInput({ flags, items }: CommandLine): Promise<Input> {
  const named = SOURCES.filter((name) => flags[name] !== undefined);
  if (named.length + (items === undefined ? 0 : 1) > 1) {
    const all = [...named.map((name) => `--${name}`), ...(items === undefined ? [] : [":::"])];
    throw new UsageError(`Cannot read arguments: ${all.join(" and ")} both name them`);
  }
  if (flags.header && flags.csv === undefined && flags.tsv === undefined)
    throw new UsageError("Cannot use --header: it belongs to --csv and --tsv");
  if (items !== undefined) return fixed(flags.jsonl ? items.map(parseJson) : items);
  const [source] = named;
  if (source === "glob") return lazy(filesLike(String(flags.glob)));
  const path = source === undefined ? "-" : String(flags[source]);
  const chunks = await openFile(path, source);
  if (source === "csv" || source === "tsv") {
    const { readRows } = await import("./read_rows.ts");
    const delimiter = source === "csv" ? "," : "\t";
    return lazy(readRows(chunks, { delimiter, header: flags.header === true }));
  }
  const records = splitRecords(chunks, flags.null ? "\0" : "\n");
  return lazy(flags.jsonl ? parsed(records) : records);
}

/** Whether the arguments are typed now, in the terminal: what is drawn there would cover them. */
export function isTyped({ flags, items }: CommandLine): boolean {
  const isStandardInput = SOURCES.every((name) => (flags[name] ?? "-") === "-");
  return items === undefined && isStandardInput && isTerminal(0);
}

function fixed(items: readonly Item[]): Input {
  return { items: once(items), total: items.length };
}

async function* once(items: readonly Item[]): AsyncGenerator<readonly Item[], void> {
  if (items.length > 0) yield items;
}

function lazy(items: AsyncIterator<readonly Item[], unknown>): Input {
  return { items, total: undefined };
}

async function openFile(
  path: string,
  source: string | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  if (path === "-") return standardInput();
  const stream = fs.createReadStream(path, { highWaterMark: 1 << 16 });
  await new Promise<void>((resolve, reject) => {
    stream.once("open", () => resolve());
    stream.once("error", ({ message }) => {
      reject(new UsageError(`Cannot read --${source} "${path}": ${message}`));
    });
  });
  return stream as AsyncIterable<Uint8Array>;
}

async function* standardInput(): AsyncGenerator<Uint8Array, void> {
  if (isTerminal(0)) say("futures: reading arguments from the terminal; end with Ctrl-D\n");
  try {
    for await (const chunk of process.stdin) yield chunk as Uint8Array;
  } catch (error) {
    // Closed by whoever started us: there is nothing in it.
    if ((error as { code?: string }).code !== "EBADF") throw error;
  }
}

async function* parsed(batches: AsyncIterable<string[]>): AsyncGenerator<Item[], void> {
  let line = 0;
  for await (const batch of batches) {
    const values: Item[] = [];
    for (const text of batch) {
      line++;
      if (text.trim() !== "") values.push(parseJson(text, line));
    }
    if (values.length > 0) yield values;
  }
}

function parseJson(text: string, line?: number): Item {
  try {
    return JSON.parse(text) as Item;
  } catch (error) {
    const where = line === undefined ? `"${text}"` : `line ${line}`;
    throw new UsageError(`Cannot read ${where} as JSON: ${(error as Error).message}`);
  }
}

async function* filesLike(pattern: string): AsyncGenerator<string[], void> {
  const { glob } = await import("node:fs/promises");
  if (typeof glob !== "function")
    throw new UsageError(
      "Cannot use --glob: this runtime has no fs.glob; let the shell do it: ::: *.jpg",
    );
  let names: string[] = [];
  for await (const name of glob(pattern)) {
    names.push(String(name));
    if (names.length >= BATCH) {
      yield names;
      names = [];
    }
  }
  if (names.length > 0) yield names;
}
