// What a call and the program that has the desks say to each other over their link (docs/decisions/0046-call-links.md).
//
//   call                                            program
//   [n, desk, deed, timeout]  then the payload ──▶   does the deed
//   [n]                       give it up       ──▶   answers all the same: it may have been granted meanwhile
//                             ◀── [n, Answer.…, value]  then the payload
//
// A payload is an item of its own: one that cannot cross arrives as an error in its place, and what it belongs to is known.

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

/** Whether something of the user's follows a deed. */
export function hasPayload(deed: Deed): boolean {
  return (
    deed[0] === "send" || deed[0] === "trySend" || (deed[0] === "close" && deed[1] !== undefined)
  );
}

/** After so many items the other side is told that it may send as many more. */
export const GRANT_EVERY = 32;
