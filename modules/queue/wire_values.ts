// What the two sides of a queue say of values: what one call is given, what a task has returned.

import "../workers/tell_runtime.ts";
import { cannotCross } from "../core/seam/pack.ts";
import { readTransferList, takeAway } from "../core/seam/transfer.ts";
import type { Work } from "../core/work/work.ts";
import { type CodecLimits, encodeText } from "./codec.ts";

/** Memory, files and keys are not common to two machines. */
const LINK = { isProcess: true } as const;

/**
 * Writes down what one call is given, and takes from the sender what was to be moved with it.
 *
 * @returns The text; a promise of it where files are to be read first.
 * @throws What it is refused with; nothing was moved then.
 */
export function encodeCall(
  work: Work,
  index: number,
  limits: CodecLimits,
): string | Promise<string> {
  const { name, options } = work.terms;
  const failing = `Cannot send task "${name}"`;
  const moves =
    options.transfer === undefined ? [] : readTransferList(work.transfer(index), failing, true);
  const args: unknown[] = [];
  work.pushArgs(index, args);
  const text = encodeText(args, {
    ...limits,
    refusal: (at, path, what) => {
      const where = `argument ${at + 1}${path === "" ? "" : `, ${path.replace(/^\./, "")}`}`;
      return cannotCross(`${failing}: ${where} is ${what}`, LINK);
    },
  });
  takeAway(moves);
  return text;
}

/** Writes down what a task has returned; a promise of it where files are to be read first. */
export function encodeResult(
  task: string,
  value: unknown,
  limits: CodecLimits,
): string | Promise<string> {
  return encodeText([value], {
    ...limits,
    refusal: (_at, path, what) =>
      cannotCross(`Cannot return from task "${task}": result${path} is ${what}`, LINK, "from"),
  });
}
