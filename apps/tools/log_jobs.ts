// What the threads do for count_log.ts: each reads a part of the file itself, so that no line travels.

import { closeSync, openSync, readSync } from "node:fs";

/** What was counted. */
export interface Counts {
  lines: number;
  bytes: number;
  /** How often each status came. */
  status: Record<string, number>;
}

/** So much is read at once. */
const CHUNK = 1 << 20;

/** Behind the end of a part so much is read at once, to end its last line. */
const LONG_LINE = 4096;

/** Combined format: … "GET /path HTTP/1.1" 200 1234 … */
const LINE = /" (\d{3}) (\d+)/;

/** Counts the lines that begin in a part of a file, from `start` to before `end`. */
export function countPart(path: string, start: number, end: number): Counts {
  const counts: Counts = { lines: 0, bytes: 0, status: {} };
  const file = openSync(path, "r");
  try {
    // What stands before the first line end belongs to the part before; unless a line begins just here.
    let at = start === 0 ? 0 : start - 1;
    let skips = start !== 0;
    let open = "";
    const buffer = new Uint8Array(CHUNK);
    const decoder = new TextDecoder("latin1");
    // The line that is open at the end is read to its own end.
    for (let begins = at; begins < end; ) {
      const wanted = Math.min(CHUNK, Math.max(end - at, LONG_LINE));
      const read = readSync(file, buffer, 0, wanted, at);
      const lines = (open + decoder.decode(buffer.subarray(0, read))).split("\n");
      const isLast = read === 0;
      open = isLast ? "" : (lines.pop() ?? "");
      for (const line of lines) {
        if (begins >= end) break;
        begins += line.length + 1;
        if (skips) skips = false;
        else if (line !== "") count(line, counts);
      }
      if (isLast) break;
      at += read;
    }
  } finally {
    closeSync(file);
  }
  return counts;
}

function count(line: string, counts: Counts): void {
  const [, status, bytes] = LINE.exec(line) ?? [];
  counts.lines++;
  if (status === undefined) return;
  counts.bytes += Number(bytes);
  counts.status[status] = (counts.status[status] ?? 0) + 1;
}
