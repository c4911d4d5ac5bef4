// LockWords: a lock in memory that threads and their program see. One that is free a thread takes by itself, and gives back
// by itself if nobody else has asked for it meanwhile: one compare-and-exchange each.
//
// | state   | means                                                       | becomes                                       |
// |---------|-------------------------------------------------------------|-----------------------------------------------|
// | 0       | free                                                        | h: a thread takes it; MINDED: the program does |
// | h > 0   | held by h, and nobody else has asked                        | 0: h gives it back; −h − 1: somebody asks      |
// | −h − 1  | held by h, and the program minds the queue                  | MINDED: h has told the program, or has ended   |
// | MINDED  | the program minds it: what is held and wanted stands there  | 0: nobody holds it, nobody waits;              |
// |         |                                                             | h: the program grants it to h, nobody waits    |
//
// A state below 0 only the program changes, and it knows of all it has made. So nobody goes past a queue: where there is one,
// the state is not 0.

/** The program minds it. */
const MINDED = -1;
const [STATE, NEXT_HOLDER] = [0, 1];
/** Of the tokens, eight bytes from the beginning on. */
const TOKENS_AT = 8;
const BYTES = 16;

/** The words of one lock. */
export class LockWords {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** Counted by whoever holds it, so by one at a time: what makes it atomic is the state. */
  readonly #tokens: Float64Array;

  /** @param buffer Of another's; made anew by default, minded by the program. */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(BYTES);
    this.#words = new Int32Array(this.buffer, 0, 2);
    this.#tokens = new Float64Array(this.buffer, TOKENS_AT, 1);
    if (buffer === undefined) Atomics.store(this.#words, STATE, MINDED);
  }

  // For threads.

  /** A number for one who will take it. */
  newHolder(): number {
    return Atomics.add(this.#words, NEXT_HOLDER, 1) + 1;
  }

  /** Takes it if it is free; returns the token. */
  take(holder: number): number | undefined {
    if (Atomics.compareExchange(this.#words, STATE, 0, holder) !== 0) return undefined;
    return this.nextToken();
  }

  /** Gives it back; false where the program has to be told. */
  give(holder: number): boolean {
    return Atomics.compareExchange(this.#words, STATE, holder, 0) === holder;
  }

  // For whoever has it.

  nextToken(): number {
    const token = (this.#tokens[0] as number) + 1;
    this.#tokens[0] = token;
    return token;
  }

  // For the program.

  get lastToken(): number {
    return this.#tokens[0] as number;
  }

  set lastToken(token: number) {
    this.#tokens[0] = token;
  }

  /** From now on the program minds it. Returns who holds it, if that was not known. */
  mind(): number | undefined {
    for (;;) {
      const state = Atomics.load(this.#words, STATE);
      if (state < 0) return undefined;
      const next = state === 0 ? MINDED : -state - 1;
      if (Atomics.compareExchange(this.#words, STATE, state, next) === state)
        return state === 0 ? undefined : state;
    }
  }

  /** Takes it away from one that has ended; false where that does not hold it unknown to the program. */
  seize(holder: number): boolean {
    return Atomics.compareExchange(this.#words, STATE, holder, MINDED) === holder;
  }

  /** Hands it to one that is known and asked for it, as if it had taken it by itself; returns the token. */
  handTo(holder: number): number {
    const token = this.nextToken();
    Atomics.store(this.#words, STATE, holder);
    return token;
  }

  /** It was given back to the program, which minds it still. */
  given(): void {
    Atomics.store(this.#words, STATE, MINDED);
  }

  /** Nobody holds it, and nobody waits: whoever comes first may take it. */
  free(): void {
    Atomics.store(this.#words, STATE, 0);
  }
}
