// The messages between host and worker: types only. Every switch over `kind` is exhaustive.

import type { CallersContext } from "../async_context.ts";
import type { ConsoleLevel } from "../events.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { Packed, Parts, WireError } from "./packed.ts";

/** Names a function by module and export, as it travels. */
export interface WireTask {
  /** The absolute URL of the module. */
  readonly module: string;
  /** The name it is exported under. */
  readonly export: string;
  /** Its calls are streams: what they yield is sent over a link, for which there is so much credit at first. */
  readonly stream?: number;
  /**
   * Its calls do something else with what is found there than to call it: `load` does no more than find it; of an actor's class
   * `new` makes one, `.name` calls a method, and `end` ends it.
   */
  readonly does?: "load" | "new" | "end" | `.${string}` | undefined;
  /** Its calls are followed: the address of a module whose `wrap` is put around the function (call_tracer.ts). */
  readonly around?: string;
}

/** The initializer, and what it is called with. */
export interface WireInitializer extends WireTask {
  /** Its arguments. */
  readonly args: readonly unknown[];
  /** What of them is described instead of copied. */
  readonly parts?: Parts | undefined;
}

/**
 * Consecutive calls of one task with equally many arguments: one object on the wire however many they are.
 *
 * `task` is the index under which the worker was told of it (`HostMessage` "run", `define`); on an event-loop
 * channel, which passes messages by reference, it may be the function itself.
 */
export interface Run {
  /** Which task: by number, or itself. */
  readonly task: number | ((...args: unknown[]) => unknown);
  /** The id of the first call, as observers see it; the next ones count up. */
  readonly id: number;
  /** How many calls. */
  readonly count: number;
  /** How many arguments each has. */
  readonly arity: number;
  /** `count × arity` arguments, flat: nested arrays cost more to clone than what they hold. */
  readonly args: unknown[];
  /** In the worker: what is put together when the call begins, as it may be the task's module that knows how. */
  readonly parts?: Parts | undefined;
  /** On an event-loop channel: handles of something that is shared are among the arguments (modules/sync). */
  readonly handles?: boolean;
}

/**
 * What either end says over the link of a call (call_link.ts). Whatever is built on links says no other words
 * (docs/decisions/0046-call-links.md).
 */
export type LinkWord =
  /** The worker, first: to which service. */
  | { readonly does: "open"; readonly to: string }
  /**
   * Values, in order. Those that could not be sent have an empty place, and are listed in `errors`. `cost` is what they take
   * of the credit, where it is more than one each.
   */
  | {
      readonly does: "items";
      readonly items: readonly unknown[];
      readonly cost?: number;
      readonly errors?: readonly { readonly at: number; readonly error: WireError }[];
      readonly parts?: Parts;
    }
  /** So many more may be sent. */
  | { readonly does: "credit"; readonly count: number }
  /** It is over, both ways. */
  | { readonly does: "close"; readonly error?: WireError };

/** What a host says. Calls are numbered per worker, from 0, in the order sent (`seq`). */
export type HostMessage =
  /**
   * First, once. `idleTimeout` in milliseconds. `rings` says that calls and outcomes may go through the rings in shared
   * memory (shared_memory.ts), where those that come as messages leave a mark.
   */
  | {
      readonly kind: "start";
      readonly worker: WorkerIdentity;
      readonly initializer?: WireInitializer;
      /** What it does before it ends, where it is told so. */
      readonly finalizer?: WireTask;
      readonly idleTimeout?: number;
      readonly rings?: boolean;
      /** What tasks print is to be told. */
      readonly console?: boolean;
      /** Lets debuggers in before anything else; "brk" waits for one. */
      readonly inspect?: true | "brk";
      /** Tasks are looked at one by one: stacks are whole, and what they are given cannot be changed. */
      readonly debug?: boolean;
    }
  /** Something lies in the ring. Either side says so to one that is asleep. */
  | { readonly kind: "look" }
  /**
   * Calls to make, in order. `first` is the seq of the first. `define` tells of tasks not sent before, index after index.
   * `announce` asks for "started" before each call: for its clock, or to know what a dead worker had begun. `context` is on
   * an event-loop channel the one that they are to be made in.
   */
  | {
      readonly kind: "run";
      readonly first: number;
      readonly define?: WireTask[];
      readonly announce?: boolean;
      readonly context?: CallersContext;
      readonly runs: Run[];
      readonly parts?: Parts | undefined;
    }
  /** Abort the signal of a call, if it still runs. */
  | { readonly kind: "abort"; readonly seq: number; readonly reason: WireError }
  /** Said by the worker's own end of the link: a message came that it cannot read. */
  | { readonly kind: "unreadable" }
  /** A word over a link that the call that runs has opened. */
  | { readonly kind: "link"; readonly link: number; readonly word: LinkWord }
  /** Nobody will be given that shared value any more. */
  | { readonly kind: "free"; readonly id: string }
  /** Answer "pong": is your event loop alive? */
  | { readonly kind: "ping" }
  /** Exit: there is nothing more to do, but for the finalizer where that is said. */
  | { readonly kind: "stop"; readonly finalizes?: boolean };

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: "look" }
  /** First: it takes calls; or its initializer threw and it never will. */
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly error: WireError }
  /** Around the loading of a task's module, for a call that has begun: its clock runs between the two. */
  | { readonly kind: "loading" }
  | { readonly kind: "loaded" }
  | { readonly kind: "started"; readonly seq: number }
  /**
   * The outcomes of the calls `first`, `first + 1`, …, one place each in `values`. Those that failed are listed in
   * `errors`; those that the host took back have an empty place. `elapsed` is the time spent on all of them, in ms; with
   * rings it is told there.
   */
  | {
      readonly kind: "settled";
      readonly first: number;
      readonly values: unknown[];
      readonly errors?: readonly { readonly seq: number; readonly error: WireError }[];
      readonly elapsed?: number;
      readonly parts?: Parts;
    }
  | {
      readonly kind: "progress";
      readonly seq: number;
      readonly fraction: number;
      readonly detail?: Packed;
    }
  /** Something was printed: by the call that runs, or by none. */
  | {
      readonly kind: "console";
      readonly seq?: number;
      readonly level: ConsoleLevel;
      readonly text: string;
    }
  /** A word over a link of the call that runs. Links are counted per worker, from 0, in the order opened. */
  | {
      readonly kind: "link";
      readonly seq: number;
      readonly link: number;
      readonly word: LinkWord;
    }
  /** The worker's event loop is alive: it has seen the "abort" of this call. */
  | { readonly kind: "aborting"; readonly seq: number }
  | { readonly kind: "pong" }
  /** Where a debugger reaches the worker. */
  | { readonly kind: "inspector"; readonly url: string }
  /** Told to stop, the worker does, but what its tasks have printed is not all out yet. */
  | { readonly kind: "leaving" }
  /**
   * A message came that cannot be read: what it carries is unknown on that side. With `seq` the
   * worker could not read that call, and makes no more; without it the host's end of the link says so of an outcome.
   */
  | { readonly kind: "unreadable"; readonly seq?: number }
  /** Nothing came for `idleTimeout`: the worker would like to be stopped. */
  | { readonly kind: "idle" }
  /**
   * An error thrown beside the call that runs: in a timer, or a rejection nobody handles. With `seq` where it is certain that
   * the code of that call threw it, and that call still runs.
   */
  | { readonly kind: "fault"; readonly error: WireError; readonly seq?: number };
