// What only the runtime knows of a value: told by the backends, for the core names none of them.

/** A class of errors, whatever its constructor takes. */
// biome-ignore lint/suspicious/noExplicitAny: constructors differ in their parameters, which are never called here
export type ErrorClass = abstract new (...args: any[]) => Error;

/** Finds again whose code it is that runs later: in a timer, or after an await. */
export interface Marks {
  /** Runs `action` so that whatever it begins bears the mark. */
  run<T>(mark: number, action: () => T): T;
  /** The mark of what runs, or of what has just thrown; undefined where there is none, or the runtime cannot tell. */
  current(): number | undefined;
}

/** What a runtime can tell. */
export interface Runtime {
  /** Whether a value is a proxy: the language itself does not say. */
  isProxy?(value: unknown): boolean;
  /** Whether a value is a map or a set, however it looks. */
  isCollection?(value: unknown): boolean;
  /** Whether a buffer must not be moved, because the runtime keeps it for itself or was told so. */
  isPinned?(buffer: unknown): boolean;
  /** Marks what is begun, where the runtime has asynchronous contexts. */
  marks?: Marks;
  /** The class of errors of this name that a module of the runtime has, where there is one. */
  errorClass?(name: string): unknown;
}

/** Begins the name of a class of the runtime's own: a program may have one of the same name. */
export const RUNTIMES_OWN = "runtime:";

/** The runtime of this realm. Nothing is known of it until a backend is used, or a worker of one begins. */
export const runtime: Runtime = {};
