// Holdings: which shared values a worker has, so that each crosses once, and is let go there when nobody here wants it any more.

/** A shared value, as links know it. */
export interface SharedRecord {
  /** By which workers know it. */
  readonly id: string;
  /** Who has it. */
  readonly at: Set<Holdings>;
  /** Whether nobody wants it any more. */
  isOver: boolean;
}

/** What one worker has. */
export class Holdings {
  readonly #free: (id: string) => void;
  readonly #known = new Set<SharedRecord>();
  /** What is in the message that is being written. */
  #sending: SharedRecord[] = [];

  /** @param free Tells the worker to let one go. */
  constructor(free: (id: string) => void) {
    this.#free = free;
  }

  has(record: SharedRecord): boolean {
    return this.#known.has(record);
  }

  /** It is in the message that is being written. */
  sending(record: SharedRecord): void {
    this.#sending.push(record);
  }

  /** The message has left: whatever becomes of its calls, what it carries arrives. */
  sent(): void {
    for (const record of this.#sending) {
      this.#known.add(record);
      record.at.add(this);
      if (record.isOver) this.free(record);
    }
    this.#sending = [];
  }

  /** It has not left after all. */
  unsent(): void {
    this.#sending = [];
  }

  free(record: SharedRecord): void {
    record.at.delete(this);
    if (this.#known.delete(record)) this.#free(record.id);
  }

  /** The worker is gone, with all it had. */
  gone(): void {
    for (const record of this.#known) record.at.delete(this);
    this.#known.clear();
  }
}
