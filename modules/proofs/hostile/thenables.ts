// Thenables: results that are awaited before they are anybody's — and what must come of them, by what `await` does.

import { seeded } from "../../testing/seeded.ts";
import { HostileError, rage } from "./kind.ts";
import { KINDS } from "./kinds.ts";

type Settle = (value?: unknown) => void;

/** Not written out, as what has it is never meant to be one by mistake. */
export const THEN = "then";
/** Of an object made now, or it would be a thenable itself: a module must not export one. */
const thenable = (then: (resolve: Settle, reject: Settle) => void): object =>
  Object.defineProperty({}, THEN, { value: then });
const kind = (name: string) => KINDS[name]?.make(seeded(1));

/** All, by name. None waits for ever: that would be no fault. */
export const THENABLES: Readonly<Record<string, () => unknown>> = {
  "rages-when-asked": () => Object.defineProperty({}, THEN, { get: rage }),
  rages: () => thenable(rage),
  "resolves-then-rages": () =>
    thenable((resolve) => {
      resolve(5);
      rage();
    }),
  "settles-often": () =>
    thenable((resolve, reject) => {
      resolve(1);
      reject(new HostileError("too late"));
      resolve(3);
    }),
  "settles-later": () => thenable((resolve) => queueMicrotask(() => resolve("later"))),
  "settles-twice-later": () =>
    thenable((resolve, reject) => {
      queueMicrotask(() => reject(new HostileError("first")));
      queueMicrotask(() => resolve("second"));
    }),
  "rejects-undefined": () => thenable((_resolve, reject) => reject()),
  "rejects-thenable": () => thenable((_resolve, reject) => reject(thenable(rage))),
  "rejects-revoked": () => thenable((_resolve, reject) => reject(kind("revoked"))),
  "resolves-revoked": () => thenable((resolve) => resolve(kind("revoked"))),
  "resolves-nested": () => thenable((resolve) => resolve(thenable((inner) => inner(7)))),
  "resolves-symbol": () => thenable((resolve) => resolve(Symbol("s"))),
  "then-is-no-function": () => ({ [THEN]: 5, a: 1 }),
  "function-with-then": () => Object.assign(() => {}, { [THEN]: (resolve: Settle) => resolve(9) }),
  "promise-with-rage": () =>
    Object.defineProperty(Promise.resolve(1), "constructor", { get: rage }),
  "promise-rejects-undefined": () => Promise.reject(),
};

export const thenableNames: readonly string[] = Object.keys(THENABLES);
