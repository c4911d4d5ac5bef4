// Prints a text of the command's own to standard output, and waits until it has arrived.

import process from "node:process";
import { FileWriter } from "./output/file_writer.ts";

/** A shell's exit code for a program whose reader has gone. */
export const READER_GONE = 141;

/** Writes all of it, whatever standard output is. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const writer = new FileWriter(1, {
      onError(error) {
        if (error.code === "EPIPE") process.exit(READER_GONE);
        reject(error);
      },
    });
    writer.write(text);
    void writer.flushed().then(resolve);
  });
}
