// SharedWords: how host and worker see the same words — in memory that both have, or in a copy that a file keeps the same.
//
// Words are written plainly, shown, and become visible by the `store` that follows them. Whoever has seen that store by a
// `load` fetches them, and reads them plainly.

/** Words that two sides have in common. */
export interface SharedWords {
  /** This side's words: what it wrote, and what it has fetched. */
  readonly words: Int32Array;
  /** Whether to show words costs next to nothing. Else it is done for several outcomes at a time. */
  readonly isDirect: boolean;
  /** Reads a word that the other side may write. */
  load(at: number): number;
  /** Writes a word that the other side may read, and whatever was shown before is visible with it. */
  store(at: number, word: number): void;
  /**
   * Writes `word` in the place of `expected`; false if that was not there. Where it takes more than one step, the other side
   * may write in between, and what it wrote is lost.
   */
  exchange(at: number, expected: number, word: number): boolean;
  /** Shows the other side words that were written plainly. */
  show(from: number, count: number): void;
  /** Gets words that the other side has shown. */
  fetch(from: number, count: number): void;
}
