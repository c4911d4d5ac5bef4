// CallRecorder: writes the calls of a window into their ring, where all they carry is small enough for it.

import { isArrayBuffer, seemsBuffer, typedArrayName } from "../brand.ts";
import type { RingWriter } from "../memory/ring.ts";
import { SPARE_WORDS } from "../memory/shared_memory.ts";
import { isCopiedSooner, takeAway } from "../seam/transfer.ts";
import type { TaskSource, Transferred } from "../task.ts";
import type { Work } from "../work/work.ts";
import type { Window } from "./window.ts";

/** The most words that the head of a run takes. */
const RUN_HEAD_WORDS = 8;

/** Writes calls to one worker. */
export class CallRecorder {
  readonly #window: Window;
  readonly #calls: RingWriter;
  /** The tasks the worker knows, and their numbers: the writer of messages adds to them. */
  readonly #known: ReadonlyMap<TaskSource, number>;
  /** So many bytes that are to be moved may be copied through the ring. */
  readonly #mostCopied: number;
  /** The arguments of one call, on their way. */
  readonly #args: unknown[] = [];
  /** The argument that did not go into the ring. */
  #unknown: object | undefined = undefined;
  /** How many words a call has taken of late. */
  #wordsEach = 1;

  constructor(
    window: Window,
    calls: RingWriter,
    known: ReadonlyMap<TaskSource, number>,
    mostCopied: number,
  ) {
    this.#window = window;
    this.#calls = calls;
    this.#known = known;
    this.#mostCopied = mostCopied;
  }

  /** How many calls such as the last ones find room, behind others that are not read yet: of more all would go by message. */
  get most(): number {
    return Math.max(1, Math.floor(this.#calls.size / (4 * this.#wordsEach)));
  }

  /** Writes the calls into the ring, all or none; false where one of them does not belong there. */
  record(first: number, moves: readonly Transferred[]): boolean {
    const calls = this.#calls;
    const from = calls.position;
    try {
      const count = this.#writeRuns(first, moves);
      // Also of those before one that found no room.
      if (count > 0) this.#wordsEach = ((calls.position - from) | 0) / count;
      if (first + count === this.#window.next || this.#writeBuffers(first, moves)) {
        if (moves.length > 0) takeAway(moves);
        calls.commit();
        return true;
      }
    } catch {
      // Whatever it is, the message tells (invariant 11).
    }
    calls.rollBack();
    // Nothing here may keep what a task was given (invariant 8).
    this.#args.length = 0;
    this.#unknown = undefined;
    return false;
  }

  /** Writes the calls anew, where what stopped the first attempt was a buffer: which of the objects are, is asked before. */
  #writeBuffers(first: number, moves: readonly Transferred[]): boolean {
    this.#calls.rollBack();
    if (this.#unknown === undefined || !seemsBuffer(this.#unknown)) return false;
    const buffers = new Set<unknown>();
    for (let seq = first; seq < this.#window.next; seq++) {
      const args: unknown[] = [];
      this.#window.workAt(seq)?.pushCall(this.#window.indexAt(seq), args);
      for (const arg of args) {
        if (typeof arg !== "object" || arg === null || typedArrayName(arg) !== undefined) continue;
        if (!seemsBuffer(arg) || !isArrayBuffer(arg)) return false;
        buffers.add(arg);
      }
    }
    return first + this.#writeRuns(first, moves, buffers) === this.#window.next;
  }

  /** Writes calls into the ring up to the first that does not belong there, or finds no room; returns how many. */
  #writeRuns(first: number, moves: readonly Transferred[], buffers?: ReadonlySet<unknown>): number {
    const args = this.#args;
    const calls = this.#calls;
    let previous: Work | undefined;
    let source: TaskSource | undefined;
    let task = 0;
    let nextId = -1;
    let arity = -1;
    let count = 0;
    let countAt = 0;
    for (let seq = first; seq < this.#window.next; seq++) {
      const work = this.#window.workAt(seq);
      // Taken back meanwhile: a message has a place for that.
      if (work === undefined) return seq - first;
      if (work !== previous) {
        // Its clock is started by a message.
        if (work.terms.timeout !== undefined) return seq - first;
        previous = work;
      }
      if (work.terms.source !== source) {
        source = work.terms.source;
        const known = this.#known.get(source);
        if (known === undefined) return seq - first;
        task = known;
        nextId = -1;
      }
      const index = this.#window.indexAt(seq);
      const id = work.id(index);
      args.length = 0;
      const passed = work.pushCall(index, args);
      if (id !== nextId || passed !== arity) {
        if (count > 0) calls.patch(countAt, count);
        if (!calls.hasRoom(SPARE_WORDS + RUN_HEAD_WORDS)) return seq - first;
        countAt = calls.position;
        calls.put(0);
        calls.putNumber(task);
        calls.putNumber(id);
        calls.putNumber(passed);
        arity = passed;
        count = 0;
      }
      if (moves.length > 0 && !isCopiedSooner(args, moves, this.#mostCopied)) return seq - first;
      calls.nextCall();
      for (let at = 0; at < passed; at++) {
        const arg = args[at];
        const isWritten =
          buffers?.has(arg) === true
            ? calls.putBuffer(arg as ArrayBuffer, SPARE_WORDS)
            : calls.putValue(arg, SPARE_WORDS);
        if (!isWritten) {
          if (typeof arg === "object" && arg !== null) this.#unknown = arg;
          return seq - first;
        }
      }
      nextId = id + 1;
      count++;
    }
    args.length = 0;
    if (count > 0) calls.patch(countAt, count);
    return this.#window.next - first;
  }
}
