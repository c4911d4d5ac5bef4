// Prints a text of the command's own to standard output, and waits until it has arrived.

import process from "node:process";

/** Writes all of it, whatever standard output is. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(141);
      reject(error);
    });
    process.stdout.write(text, () => resolve());
  });
}
