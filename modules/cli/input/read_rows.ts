// Reads CSV and TSV by csv-parse: each row a list, or an object if the first row names the columns.

import { type Options, parse } from "csv-parse";
import { UsageError } from "../usage_error.ts";
import type { Item } from "./item.ts";

/** How many rows are handed on at once. */
const BATCH = 256;

/**
 * Yields rows, some at a time, as far as they are asked for.
 *
 * @throws {UsageError} For what is no CSV; it names the line.
 */
export async function* readRows(
  chunks: AsyncIterable<Uint8Array | string>,
  { delimiter, header }: { delimiter: string; header: boolean },
): AsyncGenerator<Item[], void> {
  const options: Options = { bom: true, columns: header, delimiter, skip_empty_lines: true };
  const rows: Item[] = [];
  const parser = parse(options);
  // Not `pipe`: what goes wrong in the source would be lost.
  const fed = feed(chunks, parser);
  try {
    for await (const row of parser) {
      rows.push(row as Item);
      if (rows.length >= BATCH) yield rows.splice(0);
    }
  } catch (error) {
    // What stood before the fault is done all the same, as it would be had it been read earlier.
    if (rows.length > 0) yield rows;
    throw new UsageError(`Cannot read table: ${(error as Error).message}`, { cause: error });
  }
  await fed;
  if (rows.length > 0) yield rows;
}

async function feed(
  chunks: AsyncIterable<Uint8Array | string>,
  parser: ReturnType<typeof parse>,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (parser.destroyed) return;
      if (!parser.write(chunk)) await drained(parser);
    }
    parser.end();
  } catch (error) {
    parser.destroy(error as Error);
  }
}

function drained(parser: ReturnType<typeof parse>): Promise<void> {
  return new Promise((resolve) => {
    parser.once("drain", resolve);
    parser.once("close", resolve);
  });
}
