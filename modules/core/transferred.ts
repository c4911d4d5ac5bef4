// What can be moved between a host and a worker. Types only: what a worker loads is kept small.

/**
 * What the platform calls by a name, where the types of a program have it. Not the name itself: where they have not, it is an
 * error, or, if those of libraries are not checked, anything at all.
 */
export type PlatformObject<Name extends string> = typeof globalThis extends {
  readonly [name in Name]: { readonly prototype: infer Instance };
}
  ? Instance
  : never;

/**
 * What can be moved to a worker instead of copied. Between processes it is copied, and gone for the sender all the same.
 *
 * Types cannot tell all: a `SharedArrayBuffer` or a view is no error here, and a `DataCloneError` of the future where there
 * are workers, as on the platform. List the `buffer` of a view.
 */
export type Transferred =
  | ArrayBufferLike
  | ArrayBufferView
  | PlatformObject<"MessagePort">
  | PlatformObject<"ReadableStream">
  | PlatformObject<"WritableStream">
  | PlatformObject<"TransformStream">;
