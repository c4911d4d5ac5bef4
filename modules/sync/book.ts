// The book of handles: by it the core knows a handle from other objects without a look at the object itself, tells a worker
// of one, and makes it again there.

import type { WireHandle } from "../core/seam/packed.ts";
import { contextSlot, type HandleBook, type OpenContext } from "../core/task_context.ts";
import type { KINDS } from "./arbiter/desk.ts";
import { LockWords } from "./arbiter/lock_words.ts";
import { Permits } from "./arbiter/permits.ts";
import { CallSeat } from "./call_seat.ts";
import { serveCalls } from "./clerk.ts";
import { findDesk } from "./desks.ts";
import type { Seat } from "./place.ts";
import { seats } from "./seats.ts";

/** Makes a handle of a kind. */
type Make = new (seat: never) => object;

const classes = new Map<string, Make>();

/** Has handles of a kind made by a class. */
export function registerHandle(kind: (typeof KINDS)[number], make: Make): void {
  classes.set(kind, make);
}

const book: HandleBook = {
  note: (handle, seat) => void seats.set(handle, seat as Seat),
  has: (value) => seats.has(value),
  describe(handle, isProcess): WireHandle {
    const { id, kind, name } = seats.get(handle) as Seat;
    const desk = findDesk(id);
    // In a worker that has executors of its own: their programs know nothing of the desk.
    if (desk === undefined) throw new TypeError(`${kind} "${name}", which is of another program`);
    const memory = isProcess || !(desk instanceof Permits) ? undefined : desk.share();
    return memory === undefined ? { id, kind, name } : { id, kind, name, memory };
  },
  open({ id, kind, name, memory }, context) {
    const Class = classes.get(kind);
    if (Class === undefined) throw new TypeError(`Cannot make handle: there is no ${kind} here`);
    const words = memory === undefined ? undefined : new LockWords(memory);
    const place = { id, kind: kind as (typeof KINDS)[number], name, words };
    return new Class(new CallSeat(place, context) as never);
  },
  lend(handle: object, context: OpenContext): object {
    const { id, kind, name } = seats.get(handle) as Seat;
    // Of another program: the way to it is that of the call that it came with.
    return findDesk(id) === undefined ? handle : book.open({ id, kind, name }, context);
  },
};

/** Notes a handle, in the book of whichever copy of this library was first. */
export function noteHandle(handle: object, seat: Seat): void {
  contextSlot.handles?.note(handle, seat);
}

/** Has the core know handles from now on. */
export function installBook(): void {
  if (contextSlot.handles !== undefined) return;
  contextSlot.handles = book;
  serveCalls();
}
