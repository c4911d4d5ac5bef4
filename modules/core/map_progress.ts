// MapProgress: how far a map has come, for bars.

/** How far a `map` has come, at one moment. Of a `flatMap` its elements are the sources. */
export interface MapProgress {
  /** How many elements are done, whatever became of them, and whether or not they were read. */
  readonly done: number;
  /** How many of those have no result: they failed, or were cancelled. */
  readonly failed: number;
  /** How many elements there are; undefined while the source has not said that it has ended. */
  readonly total: number | undefined;
}
