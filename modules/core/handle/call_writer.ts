// CallWriter: puts the calls of a window on their way — through the ring where all they carry is small, else by a message.

import { isInstance } from "../brand.ts";
import { dataCloneError } from "../errors.ts";
import { Constant } from "../memory/ring.ts";
import type { HostMemory } from "../memory/shared_memory.ts";
import { type Channel, ChannelEndedError } from "../seam/channel.ts";
import { Holdings } from "../seam/holdings.ts";
import type { HostMessage, Run, WireTask } from "../seam/messages.ts";
import { cannotCross, isRefusal, Packer } from "../seam/pack.ts";
import type { Link } from "../seam/packed.ts";
import { weightOf } from "../seam/plain.ts";
import { isCarried, mostCopied, NOTHING, readTransferList } from "../seam/transfer.ts";
import type { TaskSource, Transferred } from "../task.ts";
import { contextSlot } from "../task_context.ts";
import type { Work } from "../work/work.ts";
import { CallRecorder } from "./call_recorder.ts";
import type { Window } from "./window.ts";

/** About how many bytes an argument has at least whose copying may be worth a word. */
const LARGE = 2 ** 20;

/** A large argument. */
interface Large {
  /** Of which call. */
  readonly seq: number;
  /** Which of its arguments. */
  readonly at: number;
  readonly value: unknown;
  readonly bytes: number;
}

/** Writes calls to one worker. */
export class CallWriter {
  readonly #channel: Channel;
  readonly #window: Window;
  readonly #memory: HostMemory | undefined;
  /** Values and functions pass as they are. */
  readonly #byReference: boolean;
  /** Told when what was to be read is read, and the worker takes calls again. */
  readonly #onRead: () => void;
  /** Told of each argument that is large and about to be copied. */
  readonly #onLarge: (work: Work, at: number, value: unknown, bytes: number) => void;
  readonly #link: Link;
  readonly #recorder: CallRecorder | undefined;
  /** Made where values are shared. */
  #holdings: Holdings | undefined = undefined;
  /** The tasks the worker knows, and their numbers. */
  readonly #known = new Map<TaskSource, number>();
  #hasSent = false;
  #isReading = false;

  constructor(
    channel: Channel,
    window: Window,
    memory: HostMemory | undefined,
    byReference: boolean,
    onRead: () => void,
    onLarge: (work: Work, at: number, value: unknown, bytes: number) => void,
  ) {
    this.#channel = channel;
    this.#window = window;
    this.#memory = memory;
    this.#byReference = byReference;
    this.#onRead = onRead;
    this.#onLarge = onLarge;
    this.#link = { isProcess: channel.sharesBuffers === false };
    if (memory !== undefined) {
      const most = mostCopied(channel.sharesBuffers);
      this.#recorder = new CallRecorder(window, memory.calls, this.#known, most);
    }
  }

  /** How many calls go together at most. */
  get most(): number {
    return this.#recorder?.most ?? Number.POSITIVE_INFINITY;
  }

  /** Whether the last calls went by a message, for which the worker's event loop has to turn. */
  get hasSent(): boolean {
    return this.#hasSent;
  }

  /** Whether the last calls go when files in them have been read: behind them nothing is sent, for calls have an order. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /**
   * Sends the calls of the window from `first` on, if there are any by then.
   *
   * 1. Asked of the user is only what is to be moved: his code runs, and may cancel the call.
   * 2. Written into the ring, if all they carry belongs there: nothing of the user's runs, and it shows when it is whole.
   * 3. Else sent as a message: getters and traps run while it is composed and cloned, and nothing is half done meanwhile.
   *
   * @throws What the platform throws for an argument that cannot cross. Nothing has been sent then, and nothing moved.
   */
  write(first: number): void {
    const moves = this.#movesOf(first);
    // By now it may be cancelled.
    if (this.#window.workAt(first) === undefined) {
      // It travels alone: nothing is left to send.
      this.#window.unsend(first);
      return;
    }
    if (this.#memory === undefined) {
      this.#send(first, moves);
      return;
    }
    const { calls, other } = this.#memory;
    const { besides } = calls;
    if (this.#recorder?.record(first, moves) === true) {
      calls.publish();
      this.#hasSent = false;
      if (calls.besides - besides >= LARGE && moves.length === 0) this.#tellOfBytes(first);
      if (other.ring()) this.#channel.send({ kind: "look" });
      return;
    }
    // Room for marks is always left. It wakes nobody: the message will.
    calls.put(Constant.throughChannel);
    calls.commit();
    calls.publish();
    try {
      this.#send(first, moves);
    } catch (error) {
      // The mark has promised a message.
      this.#channel.send({ kind: "run", first, runs: [] });
      throw error;
    }
  }

  /** What is to be moved with the calls from `first` on: one with such a wish travels alone. */
  #movesOf(first: number): readonly Transferred[] {
    const work = this.#window.workAt(first);
    if (work?.terms.options.transfer === undefined) return NOTHING;
    const list = work.transfer(this.#window.indexAt(first));
    return readTransferList(list, this.#failing(work), this.#link.isProcess);
  }

  #send(first: number, moves: readonly Transferred[]): void {
    this.#hasSent = true;
    const known = this.#known.size;
    try {
      const [message, packer] = this.#compose(first, moves);
      const reading = packer?.pending;
      // Who decides to cancel while this message is composed or cloned (getters are user code) asks the window first.
      if (reading === undefined) {
        this.#channel.send(message, [...moves]);
        this.#holdings?.sent();
      } else void this.#sendLater(message, reading, moves);
    } catch (error) {
      for (const [source, index] of this.#known) if (index >= known) this.#known.delete(source);
      const explained = this.#explained(error, first, moves);
      this.#holdings?.unsent();
      throw explained;
    }
  }

  /**
   * Sends a message when the files in it have been read. Its mark in the ring has its place meanwhile, and its calls can be
   * taken back; a worker that ends takes them along as if they had been sent.
   */
  async #sendLater(
    message: HostMessage & { kind: "run" },
    reading: Promise<unknown>,
    moves: readonly Transferred[],
  ): Promise<void> {
    this.#isReading = true;
    const last = this.#window.next;
    try {
      await reading;
      this.#channel.send(message, [...moves]);
      this.#holdings?.sent();
    } catch (error) {
      this.#holdings?.unsent();
      if (!isInstance(error, ChannelEndedError)) this.#failUnread(message, last, error);
    } finally {
      this.#isReading = false;
    }
    this.#onRead();
  }

  /** Fails calls whose files could not be read. The worker waits for them, and passes over what is taken back. */
  #failUnread(message: HostMessage & { kind: "run" }, last: number, error: unknown): void {
    const { first } = message;
    for (let seq = first; seq < last; seq++) {
      this.#window.workAt(seq)?.fail(this.#window.indexAt(seq), error);
      this.#window.takeBack(seq);
    }
    if (this.#memory === undefined && this.#window.workAt(first) !== undefined) {
      // Without claims it travels alone, and the worker knows nothing of it.
      this.#window.drop(first);
      return;
    }
    const nothing = { task: 0, id: 0, count: last - first, arity: 0, args: [] };
    this.#channel.send({ ...message, runs: [nothing], parts: undefined });
  }

  /** Writes the message that carries the calls; returns also who knows what is to be read before it may go. */
  #compose(
    first: number,
    moves: readonly Transferred[],
  ): [message: HostMessage & { kind: "run" }, packer?: Packer | undefined] {
    const define: WireTask[] = [];
    const runs: { -readonly [K in keyof Run]: Run[K] }[] = [];
    let announce = this.#memory === undefined && this.#channel.keepsWord === true;
    let run: (typeof runs)[number] | undefined;
    const window = this.#window;
    for (let seq = first; seq < window.next; seq++) {
      const index = window.indexAt(seq);
      const work = window.workAt(seq);
      if (work === undefined) {
        // Taken back meanwhile. The worker learns so from the claim, and asks no more.
        runs.push({ task: 0, id: 0, count: 1, arity: 0, args: [] });
        run = undefined;
        continue;
      }
      const task = this.#reference(work.terms.source, define);
      const id = work.id(index);
      const last = run;
      const list: unknown[] = last?.task === task && last.id + last.count === id ? last.args : [];
      const before = list.length;
      const arity = work.pushCall(index, list);
      if (last !== undefined && list === last.args && last.arity === arity) {
        last.count++;
      } else {
        run = { task, id, count: 1, arity, args: list === last?.args ? list.splice(before) : list };
        runs.push(run);
      }
      announce ||= work.terms.timeout !== undefined;
    }
    // From here on the user's code may run: all that is sent is known.
    if (this.#byReference) for (const run of runs) markHandles(run);
    const large: Large[] = [];
    const packer =
      this.#byReference || this.#areWhole(first, runs, moves, large)
        ? undefined
        : this.#pack(first, runs, moves, large);
    if (large.length > 0) this.#tellOf(large);
    // What a worker may not be able to read travels alone, as do those whose message it was in.
    if (packer?.isDoubtful === true && window.next > first + 1)
      throw dataCloneError("Cannot send several tasks in one message");
    const parts = packer?.parts;
    // A channel that passes by reference has no claims, and so takes one call at a time: there is one context.
    const context = window.workAt(first)?.context;
    // Written out for what happens most: spreading costs as much as the rest.
    if (parts === undefined && define.length === 0 && !announce) {
      return context === undefined
        ? [{ kind: "run", first, runs }, packer]
        : [{ kind: "run", first, runs, context }, packer];
    }
    const message: HostMessage & { kind: "run" } = {
      kind: "run",
      first,
      runs,
      ...(parts === undefined ? {} : { parts }),
      ...(define.length > 0 ? { define } : {}),
      ...(announce ? { announce } : {}),
      ...(context === undefined ? {} : { context }),
    };
    return [message, packer];
  }

  /** Whether all that the calls carry crosses as it is; what of it is large is added to `large`. */
  #areWhole(
    first: number,
    runs: readonly Run[],
    moves: readonly Transferred[],
    large: Large[],
  ): boolean {
    let seq = first;
    for (const { args, arity, count } of runs) {
      for (let at = 0; at < args.length; at++) {
        if (moves.length > 0) {
          if (isCarried(args[at], moves)) continue;
          return false;
        }
        const bytes = weightOf(args[at], !this.#link.isProcess);
        if (bytes === undefined) return false;
        if (bytes >= LARGE) large.push({ seq, at: at % arity, value: args[at], bytes });
      }
      seq += count;
    }
    return true;
  }

  /** Tells of large arguments, of each once: in one message one object is copied once. */
  #tellOf(large: readonly Large[]): void {
    const told = new Set<unknown>();
    for (const { seq, at, value, bytes } of large) {
      const work = this.#window.workAt(seq);
      if (work !== undefined && !told.has(value)) this.#onLarge(work, at, value, bytes);
      told.add(value);
    }
  }

  /** Tells of the large ones among bytes that went beside the ring. */
  #tellOfBytes(first: number): void {
    const large: Large[] = [];
    for (let seq = first; seq < this.#window.next; seq++) {
      const args: unknown[] = [];
      this.#window.workAt(seq)?.pushCall(this.#window.indexAt(seq), args);
      for (const [at, value] of args.entries()) {
        const bytes = weightOf(value, false) ?? 0;
        if (bytes >= LARGE) large.push({ seq, at, value, bytes });
      }
    }
    this.#tellOf(large);
  }

  /**
   * Takes apart what structured clone would not carry whole, in place; what of it is large is added to `large`.
   *
   * @returns Who knows what belongs to it.
   */
  #pack(
    first: number,
    runs: { args: unknown[]; readonly arity: number; readonly count: number }[],
    moved: readonly Transferred[],
    large: Large[] = [],
  ): Packer {
    if (contextSlot.shares !== undefined) this.#holdings ??= this.#holds();
    const holdings = this.#holdings;
    const packer = new Packer({
      ...this.#link,
      mayWait: true,
      takesHandles: true,
      holdings,
      moved,
    });
    let seq = first;
    let before = 0;
    large.length = 0;
    for (const run of runs) {
      const from = seq;
      const given = run.args;
      run.args = packer.pack(given, (index, path, what) => {
        const name = this.#window.workAt(from + Math.floor(index / run.arity))?.terms.name;
        const where = `argument ${(index % run.arity) + 1}${path === "" ? "" : `, ${path.replace(/^\./, "")}`}`;
        return cannotCross(`Cannot send task "${name}": ${where} is ${what}`, this.#link);
      });
      for (const [index, value] of given.entries()) {
        const bytes = packer.weightAt(before + index);
        if (bytes >= LARGE) large.push({ seq, at: index % run.arity, value, bytes });
      }
      before += given.length;
      seq += run.count;
    }
    return packer;
  }

  #holds(): Holdings {
    return new Holdings((id) => {
      try {
        this.#channel.send({ kind: "free", id });
      } catch {
        // It has ended, and with it all it had.
      }
    });
  }

  /** The worker is gone. */
  gone(): void {
    this.#holdings?.gone();
  }

  /** Where the platform itself has refused a call, which knows neither its task nor the argument: what is said of it. */
  #explained(error: unknown, first: number, moves: readonly Transferred[]): unknown {
    const work = this.#window.workAt(first);
    // Of several calls each is tried alone.
    if (work === undefined || this.#window.next > first + 1) return error;
    if (!isRefusal(error)) return error;
    if (error.message.startsWith("Cannot send task")) return error;
    const args: unknown[] = [];
    try {
      const arity = work.pushCall(this.#window.indexAt(first), args);
      this.#pack(first, [{ args, arity, count: 1 }], moves);
    } catch (found) {
      return found;
    }
    return dataCloneError(`Cannot send task "${work.terms.name}": ${error.message}`);
  }

  #failing(work: Work): string {
    return `Cannot send task "${work.terms.name}"`;
  }

  /** The number the worker knows a task by; a task it does not know is put on the list to tell it. */
  #reference(source: TaskSource, define: WireTask[]): Run["task"] {
    if (this.#byReference && source.fn !== undefined) return source.fn;
    let index = this.#known.get(source);
    if (index === undefined) {
      index = this.#known.size;
      this.#known.set(source, index);
      const { module, export: name, stream, does, around } = source;
      define.push({
        module,
        export: name,
        ...(stream === undefined ? {} : { stream }),
        ...(does === undefined ? {} : { does }),
        ...(around === undefined ? {} : { around }),
      });
    }
    return index;
  }
}

/** Notes where calls are given handles: on one event loop too each is given one of its own. */
function markHandles(run: { readonly args: readonly unknown[]; handles?: boolean }): void {
  const { handles } = contextSlot;
  if (handles === undefined) return;
  const isHandle = (arg: unknown) => typeof arg === "object" && arg !== null && handles.has(arg);
  if (run.args.some(isHandle)) run.handles = true;
}
