// Output: takes apart what came from a worker as printed, and believes nothing it did not check.

import { type OutputLine, outputLine } from "../contract.ts";
import type { JobBulk } from "./job.ts";
import { OUTPUT, OUTPUT_LIMIT, type Printed } from "./printed.ts";

/** Gives the output that a progress detail carries, or undefined for one that carries none. */
export function printedIn(detail: unknown): Printed | undefined {
  if (typeof detail !== "object" || detail === null || !Object.hasOwn(detail, OUTPUT)) {
    return undefined;
  }
  const { [OUTPUT]: lines, cut } = detail as Record<string, unknown>;
  if (!Array.isArray(lines)) return undefined;
  const good = lines.filter((line): line is OutputLine => outputLine.safeParse(line).success);
  return { [OUTPUT]: good, cut: cut === true || good.length < lines.length };
}

/** Adds output to what is kept of a job, as far as there is room. */
export function keepOutput(bulk: JobBulk, printed: Printed): void {
  bulk.outputCut ||= printed.cut;
  for (const { at, level, text } of printed[OUTPUT]) {
    const room = OUTPUT_LIMIT - bulk.outputChars;
    if (text.length > room) bulk.outputCut = true;
    if (room <= 0) return;
    // A line costs something even if it is empty.
    bulk.outputChars += text.length + 16;
    bulk.output.push({ at, level, text: text.slice(0, room) });
  }
}
