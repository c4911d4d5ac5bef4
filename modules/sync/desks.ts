// The desks of this program that others have been given handles of, by the numbers they know them by.

import type { Desk } from "./arbiter/desk.ts";

const desks = new Map<string, WeakRef<Desk>>();
const dropped = new FinalizationRegistry<string>((id) => desks.delete(id));

/** Notes a desk; returns by what it is known. Whoever knows that was given a handle: nobody guesses it. */
export function noteDesk(desk: Desk): string {
  const id = [...crypto.getRandomValues(new Uint32Array(3))]
    .map((word) => word.toString(36))
    .join("-");
  desks.set(id, new WeakRef(desk));
  dropped.register(desk, id);
  return id;
}

/** The desk of that number, if it is one of this program, and still there. */
export function findDesk(id: unknown): Desk | undefined {
  return desks.get(id as string)?.deref();
}
