// OutcomeWriter: puts the outcomes of calls on their way back — small values through the ring at once, the rest gathered
// into messages. The worker's counterpart of CallWriter.

import { isArrayBuffer, isDetached, seemsBuffer } from "../brand.ts";
import { dataCloneError } from "../errors.ts";
import { Constant, type RingWriter } from "../memory/ring.ts";
import { SPARE_WORDS, type WorkerMemory } from "../memory/shared_memory.ts";
import type { Port } from "../seam/channel.ts";
import type { WorkerMessage } from "../seam/messages.ts";
import { cannotCross, encodeError, isRefusal, Packer, putIn } from "../seam/pack.ts";
import type { Link, Packed, Refusal, WireError } from "../seam/packed.ts";
import { isPlain } from "../seam/plain.ts";
import {
  isCarried,
  isCopiedSooner,
  mostCopied,
  NOTHING,
  readTransferList,
  takeAway,
} from "../seam/transfer.ts";
import type { Transferred } from "../task.ts";
import { contextSlot } from "../task_context.ts";

/** Outcomes are gathered while calls are short and sent once this much time was spent, in milliseconds. */
const GATHER_MS = 1;
/** Calls made between two looks at the clock, at most: a look costs as much as a short call. */
const MAX_UNTIMED = 32;
/** The most words a record of time takes. */
const TIME_WORDS = 7;

type Settled = WorkerMessage & { kind: "settled" };
type Failure = NonNullable<Settled["errors"]>[number];

/** Writes the outcomes of one worker's calls. */
export class OutcomeWriter {
  readonly #port: Port;
  readonly #byReference: boolean;
  readonly #taskName: () => string;
  readonly #link: Link;
  /** So many bytes that are to be moved may be copied through the ring. */
  readonly #mostCopied: number;
  /** Where there are rings. */
  #memory: WorkerMemory | undefined = undefined;

  /** What goes by message. */
  readonly #gathered: GatheredOutcomes;
  /** Calls made since `#since` and not told of, and how many more may be before the clock is looked at. */
  #made = 0;
  #untimed = 0;
  #since = 0;
  /** Whether the host was looking when the last outcome was shown: by now it may have seen it, and be on its way. */
  #wasAwaited = false;

  /** @param taskName tells the name of the task whose call is done; asked for only where something is said of it. */
  constructor(port: Port, byReference: boolean, taskName: () => string) {
    this.#port = port;
    this.#byReference = byReference;
    this.#taskName = taskName;
    this.#link = { isProcess: port.sharesBuffers === false };
    this.#mostCopied = mostCopied(port.sharesBuffers);
    this.#gathered = new GatheredOutcomes(port, this.#link);
  }

  /** From now on small values go through the ring. */
  useRing(memory: WorkerMemory): void {
    this.#memory = memory;
    this.#gathered.tellNoTime();
  }

  /** Starts the clock: what comes now was not waited for. Returns the time. */
  resume(): number {
    this.#since = performance.now();
    return this.#since;
  }

  /**
   * A call has returned `value`. Never throws: what is wrong with the value is an outcome, too.
   *
   * Returns a promise where files in it are read first. The next call must not begin before: outcomes have an order.
   *
   * @param viaRing Whether it may take the ring: what the call has said by messages must not be overtaken.
   */
  succeed(seq: number, value: unknown, viaRing: boolean): Promise<void> | undefined {
    let moves = NOTHING;
    if (contextSlot.moves !== undefined) {
      try {
        moves = this.#listOf(value);
      } catch (error) {
        this.fail(seq, error);
        return undefined;
      }
    }
    const memory = viaRing ? this.#memory : undefined;
    if (memory === undefined || !this.#record(value, moves, memory.outcomes))
      return this.#succeedByMessage(seq, value, moves);
    // Shown at once: what ends the worker in the next instant does not take it along.
    if (memory.isDirect) this.#show(memory.outcomes);
    return undefined;
  }

  /** Apart from what takes the ring: there the names and functions made here would cost more than all the rest. */
  #succeedByMessage(
    seq: number,
    value: unknown,
    moves: readonly Transferred[],
  ): Promise<void> | undefined {
    const name = this.#taskName();
    let packer: Packer | undefined;
    let packed: Packed | undefined;
    try {
      const isWhole = () =>
        moves.length > 0 ? isCarried(value, moves) : isPlain(value, !this.#link.isProcess);
      if (!this.#byReference && !isWhole()) {
        packer = new Packer({ ...this.#link, mayWait: true, moved: moves });
        packed = { list: packer.pack([value], refusal(name, this.#link)), parts: packer.parts };
      }
    } catch (error) {
      this.fail(seq, error);
      return undefined;
    }
    // What the host may not be able to read travels alone, and spoils no other outcome. So does what is moved, which no other
    // may spoil: some platforms move first, and then find that something else in the message cannot cross.
    const isMoved = moves.length > 0 && !this.#link.isProcess;
    const isAlone = isMoved || packer?.isDoubtful === true;
    const keep = () => {
      if (isAlone) this.#gathered.send(0);
      this.#gather(seq, value, name, packed, moves);
      if (isAlone) this.#gathered.send(0);
    };
    if (packer?.pending !== undefined)
      return packer.pending.then(keep, (error) => this.fail(seq, error));
    keep();
    return undefined;
  }

  /** What of a result is to be moved. The list is the task's own. */
  #listOf(value: unknown): readonly Transferred[] {
    if (typeof value !== "object" || value === null) return NOTHING;
    const list = contextSlot.moves?.get(value);
    return list === undefined
      ? NOTHING
      : readTransferList(list, failing(this.#taskName()), this.#link.isProcess);
  }

  /** Writes a value into the ring, whole; false where it does not belong there. */
  #record(value: unknown, moves: readonly Transferred[], outcomes: RingWriter): boolean {
    if (moves.length > 0 && !isCopiedSooner([value], moves, this.#mostCopied)) return false;
    // Asked before anything is written, for it may run code of the task's (invariant 11).
    const isBuffer =
      typeof value === "object" && value !== null && seemsBuffer(value) && isArrayBuffer(value);
    try {
      if (
        isBuffer ? outcomes.putBuffer(value, SPARE_WORDS) : outcomes.putValue(value, SPARE_WORDS)
      ) {
        if (moves.length > 0) takeAway(moves);
        outcomes.commit();
        return true;
      }
    } catch {
      // Whatever it is, the message tells (invariant 11).
    }
    outcomes.rollBack();
    return false;
  }

  #show(outcomes: RingWriter): void {
    this.#wasAwaited = this.#memory?.other.isAwake === true;
    outcomes.publish();
  }

  /** A call has failed. Never throws, whatever the error. */
  fail(seq: number, error: unknown): void {
    const encoded = encodeAs(error, this.#byReference, this.#link);
    this.#gather(seq, undefined);
    this.#gathered.fail(seq, encoded);
  }

  /** The host has taken the call back: its place stays empty. */
  skip(seq: number): void {
    if (this.#memory === undefined) {
      this.#gather(seq, undefined);
      return;
    }
    const { outcomes } = this.#memory;
    outcomes.put(Constant.skipped);
    outcomes.commit();
    outcomes.publish();
  }

  /** A call is done, whatever came of it: sends what is due. `isLong` says that it may have taken any time. */
  made(isLong: boolean): void {
    this.#made++;
    if (--this.#untimed > 0 && !isLong) return;
    const elapsed = performance.now() - this.#since;
    // At least four looks in the time in which outcomes may be held back, going by the calls since the last one.
    this.#untimed = Math.min(MAX_UNTIMED, (GATHER_MS / 4) * (this.#made / elapsed));
    if (elapsed > GATHER_MS) this.flush();
  }

  /**
   * Sends everything there is, and tells the host if it has to be told.
   *
   * @returns Whether the host was waiting for it in place.
   */
  flush(): boolean {
    if (this.#made === 0 && this.#gathered.isEmpty) return false;
    const now = performance.now();
    const elapsed = now - this.#since;
    this.#since = now;
    // What is shown by now is worth a message, where the host sleeps and has not seen it. The time alone is not.
    const shown = this.#memory?.outcomes.position ?? 0;
    this.#tellTime(elapsed);
    if (this.#memory?.isDirect === false) this.#show(this.#memory.outcomes);
    this.#made = 0;
    if (this.#gathered.send(elapsed) || this.#memory === undefined) return false;
    const { outcomes, other } = this.#memory;
    if (!outcomes.isReadUpTo(shown) && other.ring()) this.#port.send({ kind: "look" });
    return this.#wasAwaited;
  }

  /** Sends what is kept for a message: something is about to stand behind it in the ring. */
  sendKept(): void {
    this.#gathered.send(0);
  }

  #tellTime(elapsed: number): void {
    const outcomes = this.#memory?.outcomes;
    if (this.#made === 0 || outcomes?.hasRoom(SPARE_WORDS + TIME_WORDS) !== true) return;
    outcomes.put(Constant.elapsed);
    outcomes.putNumber(elapsed);
    outcomes.putNumber(this.#made);
    outcomes.commit();
    if (this.#memory?.isDirect === true) outcomes.publish();
  }

  /** Keeps an outcome for the next message, and marks its place in the ring. */
  #gather(
    seq: number,
    value: unknown,
    name = "",
    packed?: Packed,
    moves: readonly Transferred[] = NOTHING,
  ): void {
    this.#gathered.keep(seq, value, name, packed, moves);
    const outcomes = this.#memory?.outcomes;
    if (outcomes === undefined) return;
    outcomes.put(Constant.throughChannel);
    outcomes.commit();
    outcomes.publish();
  }
}

/** Outcomes that go by message, gathered until one is sent: those of consecutive calls. */
class GatheredOutcomes {
  readonly #port: Port;
  readonly #link: Link;
  /** Whether a message says how long its calls took: else the ring does. */
  #tellsTime = true;
  /** Outcomes for the next message: those of the calls from `#first` on. */
  #values: unknown[] = [];
  /** The names of their tasks. */
  #names: string[] = [];
  /** Those that were taken apart, by their place. */
  #packed = new Map<number, Packed>();
  #failures: Failure[] = [];
  #first = 0;
  /** What is to be moved of them, by call. */
  readonly #moves = new Map<number, readonly Transferred[]>();

  constructor(port: Port, link: Link) {
    this.#port = port;
    this.#link = link;
  }

  get isEmpty(): boolean {
    return this.#values.length === 0;
  }

  /** From now on the ring tells the time. */
  tellNoTime(): void {
    this.#tellsTime = false;
  }

  /** Keeps an outcome for the next message. One that does not follow on those before has them sent. */
  keep(
    seq: number,
    value: unknown,
    name: string,
    packed: Packed | undefined,
    moves: readonly Transferred[],
  ): void {
    if (this.#values.length > 0 && this.#first + this.#values.length !== seq) this.send(0);
    if (this.#values.length === 0) this.#first = seq;
    this.#values.push(value);
    this.#names.push(name);
    if (packed !== undefined) this.#packed.set(this.#values.length - 1, packed);
    if (moves.length > 0) this.#moves.set(seq, moves);
  }

  /** The outcome that was kept last is an error. */
  fail(seq: number, error: WireError): void {
    this.#failures.push({ seq, error });
  }

  /** Sends what was gathered, if anything was: the message wakes a host that sleeps. */
  send(elapsed: number): boolean {
    const [first, values, failures, names, packed] = [
      this.#first,
      this.#values,
      this.#failures,
      this.#names,
      this.#packed,
    ];
    if (values.length === 0) return false;
    this.#values = [];
    this.#failures = [];
    this.#names = [];
    if (packed.size > 0) this.#packed = new Map();
    try {
      this.#send(first, values, failures, elapsed, packed);
    } catch (error) {
      this.#sendOneByOne(first, values, failures, elapsed / values.length, names, packed, error);
    }
    return true;
  }

  /** One of several outcomes cannot cross: each is tried alone, so that only that one fails. */
  #sendOneByOne(
    first: number,
    values: unknown[],
    failures: Failure[],
    elapsed: number,
    names: readonly string[],
    packed: ReadonlyMap<number, Packed>,
    refused: unknown,
  ): void {
    for (const [offset, value] of values.entries()) {
      const seq = first + offset;
      const known = failures.filter((failure) => failure.seq === seq);
      try {
        const own = packed.get(offset);
        this.#send(seq, [value], known, elapsed, own && new Map([[0, own]]));
      } catch (again) {
        // Of one that was alone before the first answer counts: by then what it moves may be gone.
        const error = values.length === 1 ? refused : again;
        this.#sendFailure(
          seq,
          this.#explained(error, seq, value, names[offset] as string),
          elapsed,
        );
      }
    }
  }

  /** An outcome cannot cross, and why is told in its place; if that cannot cross either, only that is told. */
  #sendFailure(seq: number, error: unknown, elapsed: number): void {
    this.#moves.delete(seq);
    try {
      this.#send(seq, [undefined], [{ seq, error: encodeError(error, this.#link) }], elapsed);
    } catch {
      this.#send(
        seq,
        [undefined],
        [{ seq, error: encodeError(unsendable(), this.#link) }],
        elapsed,
      );
    }
  }

  /** Where the platform itself has refused a result, which knows neither task nor path: what is said of it. */
  #explained(error: unknown, seq: number, value: unknown, name: string): unknown {
    try {
      if (!isRefusal(error) || error.message.startsWith("Cannot return")) return error;
      const moved = this.#movesOf(seq, 1);
      new Packer({ ...this.#link, mayWait: true, moved }).pack([value], refusal(name, this.#link));
      return dataCloneError(`${failing(name)}: ${error.message}`);
    } catch (found) {
      // What was moved before the platform refused is no reason, but what came of it.
      const isOwnDoing = this.#movesOf(seq, 1).some(
        (item) => isArrayBuffer(item) && isDetached(item),
      );
      return isOwnDoing ? dataCloneError(`${failing(name)}: ${(error as Error).message}`) : found;
    }
  }

  #send(
    first: number,
    values: unknown[],
    errors: Failure[],
    elapsed: number,
    packed?: ReadonlyMap<number, Packed>,
  ): void {
    const [list, parts] = packed === undefined ? [values] : putIn(values, packed);
    this.#port.send(
      {
        kind: "settled",
        first,
        values: list,
        ...(this.#tellsTime ? { elapsed } : {}),
        ...(errors.length > 0 ? { errors } : {}),
        ...(parts === undefined ? {} : { parts }),
      },
      this.#movesOf(first, values.length),
    );
    if (this.#moves.size > 0)
      for (const offset of values.keys()) this.#moves.delete(first + offset);
  }

  /** What is to be moved of the outcomes of so many calls. */
  #movesOf(first: number, count: number): readonly Transferred[] {
    if (this.#moves.size === 0) return NOTHING;
    return Array.from(
      { length: count },
      (_, offset) => this.#moves.get(first + offset) ?? NOTHING,
    ).flat();
  }
}

/** An error as it leaves a worker. */
export function encodeAs(error: unknown, byReference: boolean, link: Link): WireError {
  return byReference ? { kind: "same", error } : encodeError(error, link);
}

/** Makes the error for a result that cannot cross. */
function refusal(name: string, link: Link): Refusal {
  return (_index, path, what) =>
    cannotCross(`${failing(name)}: result${path} is ${what}`, link, "from");
}

function failing(name: string): string {
  return `Cannot return from task "${name}"`;
}

/** What is told where even the error cannot cross. */
export function unsendable(): DOMException {
  return dataCloneError("Cannot send error: it could not be cloned");
}
