// WireHandle: a handle of something that is shared, as it travels. What handles are of is no business of the core.

/** A handle of something that is shared, as it travels. */
export interface WireHandle {
  /** By which its program knows it. */
  readonly id: string;
  /** What it is of: "lock", "channel", … */
  readonly kind: string;
  /** The name that it was given. */
  readonly name: string;
  /** Memory in which a thread finds it, where there is some. */
  readonly memory?: SharedArrayBuffer;
}
