// Links a thread to the host: what every backend of threads has in common on the host's side of the seam
// (../../core/seam/channel.ts). It needs nothing but what pages have, too.

import {
  sharedByThreads,
  type ThreadMemory,
  threadMemory,
} from "../../core/memory/shared_memory.ts";
import {
  type Channel,
  ChannelEndedError,
  type ChannelHandlers,
  type ProcessStatus,
  type WorkerExit,
} from "../../core/seam/channel.ts";
import type { HostMessage, WorkerMessage } from "../../core/seam/messages.ts";
import { NOTHING, sendMoving } from "../../core/seam/transfer.ts";
import type { Transferred } from "../../core/task.ts";
import { type HeardPort, hear } from "./hear.ts";

/** The ports' part used here: the types of the runtimes differ in all else. */
export interface ThreadPort<Sent, Received> extends HeardPort<Received> {
  postMessage(message: Sent, transfer: Transferred[]): void;
  close(): void;
  /** A page has nothing to hold. */
  unref?(): void;
  /** Tells that the other end is closed, or its thread gone: on Deno and Node. */
  addEventListener(type: "close", listener: () => void): void;
}

/** What a thread's entry is given. */
export interface ThreadStart {
  /** A port of our own: what a task posts to its parent cannot pass for a message of ours. */
  readonly port: ThreadPort<WorkerMessage, HostMessage>;
  /** The memory of the channel, where the platform has it. */
  readonly memory: ThreadMemory | undefined;
}

/** A thread that runs: the platform's part of a channel. */
export interface Thread {
  /** Ends it without asking; its end is reported when it has ended, or is abandoned. Called once at most. */
  terminate(): void;
  /** As the channel's. */
  inspect?: (() => ProcessStatus | undefined) | undefined;
}

/** How a platform starts a thread. */
export interface ThreadPlatform {
  /**
   * Starts a thread that serves `given.port`, which must be moved to it.
   *
   * @param given for the entry.
   * @param exited to be called when the thread has ended; only the first call counts.
   * @param port the host's end of the link, for a platform that learns by it that the thread is gone.
   */
  start(
    given: ThreadStart,
    exited: (exit: WorkerExit) => void,
    port: Pick<ThreadPort<HostMessage, WorkerMessage>, "addEventListener">,
  ): Thread;
  /** Why a thread has ended before it said a word, where the platform's own error does not tell. Default: that error. */
  whyNotStarted?(error: unknown): unknown;
  /** Takes a message off a port, if one is there. Where there is none, the exit must not overtake messages. */
  receive?(port: unknown): { message: unknown } | undefined;
  /** Whether memory can be shared. Default: true. */
  readonly sharesMemory?: boolean;
  /** As the channel's. */
  readonly askFirst?: number | undefined;
}

/**
 * Starts a thread and links it.
 *
 * @param platform how threads are started here.
 * @param name the worker's name, for errors.
 */
export function linkThread(
  platform: ThreadPlatform,
  handlers: ChannelHandlers,
  name: string,
): Channel {
  const { port1, port2 } = new MessageChannel();
  const port = port1 as unknown as ThreadPort<HostMessage, WorkerMessage>;
  const memory = platform.sharesMemory === false ? undefined : threadMemory();
  let ended = false;
  let hasSpoken = false;
  let terminated = false;
  const receive = (message: WorkerMessage) => {
    hasSpoken = true;
    handlers.onMessage(message);
  };
  const given: ThreadStart = { port: port2 as unknown as ThreadStart["port"], memory };
  const exited = (exit: WorkerExit) => {
    if (ended) return;
    ended = true;
    // The exit may overtake what the worker sent before it.
    for (let left = platform.receive?.(port); left; left = platform.receive?.(port)) {
      receive(left.message as WorkerMessage);
    }
    port.close();
    // The code of a thread that was terminated says nothing.
    if (terminated) handlers.onExit({ abandoned: exit.abandoned ?? false });
    else if (hasSpoken || platform.whyNotStarted === undefined) handlers.onExit(exit);
    else handlers.onExit({ ...exit, error: platform.whyNotStarted(exit.error) });
  };
  let thread: Thread;
  try {
    thread = platform.start(given, exited, port);
  } catch (error) {
    port.close();
    throw platform.whyNotStarted?.(error) ?? error;
  }
  hear(port, receive, () => handlers.onMessage({ kind: "unreadable" }));
  // Listening refers to the loop again, so this comes last. A page has nothing to hold.
  (port as { unref?(): void }).unref?.();

  return {
    memory: memory && sharedByThreads(memory),
    send(message, transfer) {
      if (ended) throw new ChannelEndedError(`Cannot send message: worker ${name} has ended`);
      sendMoving(transfer ?? NOTHING, (list) => port.postMessage(message, list));
    },
    askFirst: platform.askFirst,
    inspect: () => thread.inspect?.(),
    terminate() {
      if (ended || terminated) return;
      terminated = true;
      // In a turn of its own: a platform may report the end from inside.
      queueMicrotask(() => thread.terminate());
    },
  };
}
