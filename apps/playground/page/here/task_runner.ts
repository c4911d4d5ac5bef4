// The one task of this page's workers: runs a function of any module, and has what it prints sent to the page.

import { taskContext } from "@concurrent/futures";
import { plainFormat } from "../../../../modules/core/serving/plain_format.ts";
import { LEVELS, Printer } from "../../printer.ts";
import { WHOLE } from "./typed_code.ts";

// What is typed in the editor imports the library from here.
export * from "@concurrent/futures";
export * from "@concurrent/futures/sync";
// Both have one: here it is what is sent to and received from.
export { Channel } from "@concurrent/futures/sync";

let printer: Printer | undefined;

for (const level of LEVELS) {
  const original = console[level];
  console[level] = (...args: unknown[]) => {
    if (printer === undefined) original(...args);
    else printer.print(level, plainFormat(args));
  };
}

/**
 * Calls an export of a module, or runs the module alone.
 *
 * @param module its address; what the visitor has typed is a blob.
 */
export async function run(module: string, name: string, args: unknown[]): Promise<unknown> {
  const { progress } = taskContext();
  // A fraction goes with every report; the page takes none from these.
  const mine = new Printer((printed) => progress(0, printed));
  printer = mine;
  try {
    const all = await import(module);
    if (name === WHOLE) return undefined;
    const found = all[name];
    if (typeof found !== "function") {
      throw new TypeError(`Cannot run "${name}": the code exports no function of that name`);
    }
    return await found(...args);
  } finally {
    mine.flush();
    printer = undefined;
  }
}
