// Standard output: what each job prints, kept together, in the order of ends or of arguments, or line by line.

import { type Job, labelOf } from "../input/item.ts";
import type { FileWriter, Piece } from "./file_writer.ts";
import { HeldOutput } from "./held_output.ts";
import { LineCutter, tagged } from "./tagged.ts";

/** No job starts while so many bytes wait to be written. */
const FULL = 4 << 20;

/** With keep-order, no job starts that is so far before the one whose turn it is. */
const FARTHEST = 10_000;

/** How output is arranged. */
export interface OutputOptions {
  readonly keepOrder: boolean;
  readonly lineBuffer: boolean;
  readonly tag: boolean;
}

/** Hands each job an output of its own, and merges them. */
export class Output {
  readonly options: OutputOptions;
  readonly #writer: FileWriter;
  #turn = 0;
  /** Those that have ended before their turn, by turn. */
  readonly #early = new Map<number, () => void>();
  /** Files that are copied, one after the other. */
  #copying: Promise<void> = Promise.resolve();

  constructor(writer: FileWriter, options: OutputOptions) {
    this.#writer = writer;
    this.options = options;
  }

  /** Opens the output of a job. */
  open(job: Job): JobOutput {
    return new JobOutput(job, this);
  }

  /** Whether so much waits to be written that no job should start. */
  get isFull(): boolean {
    return this.#writer.queuedBytes > FULL;
  }

  /** Whether a job is near enough to the one whose turn it is: its results can be kept. */
  hasTurn(turn: number): boolean {
    return !this.options.keepOrder || turn - this.#turn < FARTHEST;
  }

  /** Resolves when what was written so far has arrived. */
  async flushed(): Promise<void> {
    await this.#copying;
    await this.#writer.flushed();
  }

  /** Whether what this job prints may go out now. For JobOutput. */
  isTurnOf(turn: number): boolean {
    return !this.options.keepOrder || turn === this.#turn;
  }

  /** Puts a piece out. For JobOutput. */
  put(piece: Piece): void {
    this.#writer.write(piece);
  }

  /** Puts out what was held, behind what is being copied. For JobOutput. */
  putHeld(held: HeldOutput): void {
    if (!held.isSpilled) {
      for (const piece of held.takePieces()) this.#writer.write(piece);
      return;
    }
    this.#copying = this.#copying.then(() => held.moveTo(this.#writer));
  }

  /** Calls back when it is the turn of a job that has ended, and goes on to the next. For JobOutput. */
  ended(turn: number, putOut: () => void): void {
    if (!this.options.keepOrder) return putOut();
    this.#early.set(turn, putOut);
    for (let next = this.#early.get(this.#turn); next; next = this.#early.get(this.#turn)) {
      next();
      this.#early.delete(this.#turn++);
    }
  }
}

/** The output of one job. */
export class JobOutput {
  readonly #job: Job;
  readonly #output: Output;
  #held: HeldOutput | undefined = undefined;
  #cutter: LineCutter | undefined = undefined;

  constructor(job: Job, output: Output) {
    this.#job = job;
    this.#output = output;
  }

  /** Takes a piece of what the job prints; it goes out at once if lines are buffered, else when the job has ended. */
  write(piece: Piece): Promise<void> | undefined {
    if (!this.#output.options.lineBuffer) {
      this.#hold(piece);
      return undefined;
    }
    this.#cutter ??= new LineCutter();
    return this.item(this.#cutter.add(piece));
  }

  /** Takes a whole item of several: it goes out as soon as it may. Resolves, if there is much to write, when there is room. */
  item(piece: Piece): Promise<void> | undefined {
    this.add(piece);
    return this.#output.isFull ? this.#output.flushed() : undefined;
  }

  /** The same for a result, of which there is only one. */
  add(piece: Piece): void {
    if (piece.length === 0) return;
    if (!this.#output.isTurnOf(this.#job.turn)) return this.#hold(piece);
    if (this.#held !== undefined) this.#output.putHeld(this.#held);
    this.#output.put(this.#tagged(piece));
  }

  /** Forgets what did not go out: the job is tried again. */
  drop(): void {
    this.#held?.clear();
    this.#cutter = undefined;
  }

  /** Puts out the rest when it is its turn, and then calls back. */
  end(onEnded?: () => void): void {
    const rest = this.#cutter?.rest();
    if (rest !== undefined && rest.length > 0) this.#hold(rest);
    this.#output.ended(this.#job.turn, () => {
      if (this.#held !== undefined) this.#output.putHeld(this.#held);
      onEnded?.();
    });
  }

  #hold(piece: Piece): void {
    this.#held ??= new HeldOutput();
    this.#held.add(this.#tagged(piece));
  }

  #tagged(piece: Piece): Piece {
    return this.#output.options.tag ? tagged(piece, labelOf(this.#job.item)) : piece;
  }
}
