// THE SEAM between the core and a runtime: how a worker is started, spoken to and ended.
//
// A backend is one function, `Spawn`. Everything a pool decides — which worker gets a task, when one is replaced, what
// a lost one costs — is decided in the core, so a backend has no policy and little code. It promises six things, each
// proved on every backend by the conformance suite ([seam-1] to [seam-6]):
//
// 1. `spawn(handlers)` returns a channel or throws; no handler runs before it returned.
// 2. Messages arrive in order, once each, in both directions; the worker's first is `ready` or `failed`.
// 3. `onExit` comes exactly once, last, whatever ended the worker, also where the platform itself is silent.
// 4. `send` throws at once for a value that cannot be cloned, and a `ChannelEndedError` after the exit. It never calls a
//    handler.
// 5. `terminate` is idempotent, never throws, and leads to `onExit`.
// 6. The worker's entry listens before its first `await`, so a message sent right after `spawn` is not lost.
//
// And one thing it must not do: keep the program alive. The core holds the program while there is work (keep_alive.ts),
// so that the rule is the same everywhere.

import type { ErrorCode } from "../errors.ts";
import type { ClaimTable } from "../memory/claims.ts";
import type { SharedMemory } from "../memory/shared_memory.ts";
import type { Transferred } from "../task.ts";
import type { WorkerIdentity } from "../worker_identity.ts";
import type { HostMessage, WorkerMessage } from "./messages.ts";

/** Thrown by `send` once the worker has ended, or can be reached no more: what was to be sent is not to blame. */
export class ChannelEndedError extends Error {
  /** The name of the class. */
  override readonly name: string = "ChannelEndedError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_CHANNEL_ENDED";
}

/** How a worker ended. */
export interface WorkerExit {
  /** The exit code, where there is one. */
  readonly code?: number | undefined;
  /** The name of the signal that ended it, where one did. */
  readonly signal?: string | undefined;
  /** The error that ended it, where the platform tells. */
  readonly error?: unknown;
  /** True where the runtime could not stop the worker's thread, which was left behind. */
  readonly abandoned?: boolean;
}

/** Where a channel reports to. */
export interface ChannelHandlers {
  /** Takes a message of the worker. */
  onMessage(message: WorkerMessage): void;
  /** Takes the worker's end; nothing follows. */
  onExit(exit: WorkerExit): void;
}

/** The host's end of the link to one worker. */
export interface Channel {
  /** Sends a message; throws what the platform throws for a value that cannot cross, and `ChannelEndedError` after the exit. */
  send(message: HostMessage, transfer?: Transferred[]): void;
  /**
   * Ends the worker without asking it.
   *
   * @param unresponsive Whether the worker was seen not to react. A runtime that cannot stop a busy thread reports such
   * a one as `abandoned`.
   */
  terminate(unresponsive: boolean): void;
  /**
   * Milliseconds for which a worker must have been asked to exit before it is terminated, on a runtime that may leave one
   * behind that is terminated while it runs code. Default: 0.
   */
  readonly askFirst?: number | undefined;
  /**
   * Memory that both ends see, where the platform has it (shared_memory.ts). Without it, a worker is sent one task at a
   * time.
   */
  readonly memory?: SharedMemory | undefined;
  /** Whether a `SharedArrayBuffer` crosses as what it is. Where it would be copied it is refused. Default: true. */
  readonly sharesBuffers?: boolean;
  /**
   * Whether everything the worker has sent arrives, even if it is killed in the next moment. Where no memory is shared, the
   * host then knows by its word which call it had begun. Default: false.
   */
  readonly keepsWord?: boolean;
  /**
   * Whether the worker may load a module, where that was decided when it started. One that is asked for later and may not is for
   * another worker. Default: any.
   */
  canLoad?(module: string): boolean;
  /** Tells what is seen of the worker from outside, where something is; undefined once it has ended, or while it is unknown. */
  inspect?(): ProcessStatus | undefined;
}

/** A worker, seen from outside. */
export interface ProcessStatus {
  /** Whether it has been stopped (SIGSTOP, a debugger), so that it cannot do anything. */
  readonly stopped: boolean;
  /** Of a process the resident memory; of a thread what it has beside its heap and does not share. In bytes. */
  readonly memory: number;
}

/**
 * Starts a worker. This *is* a backend.
 *
 * @param wanted tells which modules have the tasks that wait for a worker now, for a backend that must know.
 */
export type Spawn = (
  handlers: ChannelHandlers,
  worker: WorkerIdentity,
  wanted?: () => ReadonlySet<string>,
) => Channel;

/** The worker's end of the link, given to `serve`. */
export interface Port {
  /** Sends a message; throws what the platform throws for a value that cannot cross. */
  send(message: WorkerMessage, transfer?: readonly Transferred[]): void;
  /** Calls `onMessage` for each message of the host from now on, in order. */
  listen(onMessage: (message: HostMessage) => void): void;
  /** Ends this worker; what was sent before still arrives. */
  exit(): void;
  /** The same of one that has nothing to do, as soon as what its tasks have printed is out. Default: `exit`. */
  leave?(): void;
  /** The same memory as the channel's. Asked for when the first message has come, which may tell of it. */
  readonly memory?: SharedMemory<Pick<ClaimTable, "begin">> | undefined;
  /** As the channel's. */
  readonly sharesBuffers?: boolean;
}
