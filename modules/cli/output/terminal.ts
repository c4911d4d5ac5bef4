// What is a terminal, and what is said on standard error.

import { fstatSync, writeSync } from "node:fs";
import process from "node:process";

/** Streams that may be terminals, by their file descriptors. */
const STREAMS = ["stdin", "stdout", "stderr"] as const;

/**
 * Tells whether a file descriptor, 0 to 2, is a terminal. Most are not, and a look at the file shows it: to ask for its stream
 * makes one, which takes a runtime longer than to start.
 */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && process[STREAMS[fd]].isTTY === true;
  } catch {
    // Closed by whoever started us.
    return false;
  }
}

/** Writes to standard error at once; what cannot be written there is nobody's loss. */
export function say(text: string | Uint8Array): void {
  try {
    if (typeof text === "string") writeSync(2, text);
    else for (let at = 0; at < text.length; ) at += writeSync(2, text, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") process.stderr.write(text);
  }
}
