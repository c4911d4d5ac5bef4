// What a call and the program that has the desks say to each other over their link (docs/decisions/0046-call-links.md).
//
//   call                                            program
//   [n, desk, deed, timeout]  then the payload ──▶   does the deed
//   [n]                       give it up       ──▶   answers all the same: it may have been granted meanwhile
//                             ◀── [n, Answer.…, value]  then the payload
//
// A payload is an item of its own: one that cannot cross arrives as an error in its place, and what it belongs to is known. To
// and from a process what is not the user's is a text where JSON has it (../workers/processes/frames.ts).

import { isOfJson } from "../core/seam/plain.ts";
import type { Deed } from "./arbiter/desk.ts";

/** What a call asks for, or with only a number gives up. Number 0 wants no answer. */
export type Question =
  | readonly [n: number, desk: string, deed: Deed, timeout: number | undefined]
  | readonly [n: number];

/** How a question was answered. */
export const Answer = {
  /** With a value, which can cross. */
  done: 0,
  /** An error follows. */
  failed: 1,
  /** It was given up, as was asked. */
  givenUp: 2,
  /** What was received follows. */
  received: 3,
} as const;

/** What is said to a question. */
export type Reply = readonly [
  n: number,
  answer: (typeof Answer)[keyof typeof Answer],
  value?: unknown,
];

/** A question or a reply as a process is sent it. Nothing of the user's may be in it. */
export function written(said: Question | Reply): unknown {
  return textOf(said) ?? said;
}

/**
 * What was sent so.
 *
 * @throws {SyntaxError} For a text that is none of ours.
 */
export function read(item: unknown): unknown {
  return typeof item === "string" ? JSON.parse(item) : item;
}

/** A value in JSON; undefined for what that has not. Not by `JSON.stringify`: whoever gave lists a `toJSON` would be asked. */
function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    // What is left out at the end of a question or a reply means the same as nothing.
    const texts = value.slice(0, value.findLastIndex((item) => item !== undefined) + 1).map(textOf);
    return texts.includes(undefined) ? undefined : `[${texts}]`;
  }
  if (typeof value === "object" && value !== null) {
    if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
    const fields = Object.entries(value).map(([name, field]) => [name, textOf(field)] as const);
    if (fields.some(([, text]) => text === undefined)) return undefined;
    return `{${fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`)}}`;
  }
  return isOfJson(value) ? JSON.stringify(value) : undefined;
}

/** Whether something of the user's follows a deed. */
export function hasPayload(deed: Deed): boolean {
  return (
    deed[0] === "send" || deed[0] === "trySend" || (deed[0] === "close" && deed[1] !== undefined)
  );
}

/** After so many items the other side is told that it may send as many more. */
export const GRANT_EVERY = 32;
