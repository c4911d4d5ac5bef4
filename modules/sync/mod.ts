/**
 * Channels and synchronisation for calls of whatever executors: threads, processes, pages, this event loop.
 *
 * What is shared is kept by the program that made it. A handle of it crosses as an argument of a task, or in
 * `initializerArgs`.
 *
 * @module
 */

import "../core/disposal.ts";
import "./classes.ts";

export { acquireSync } from "./acquire_sync.ts";
export type { Received } from "./arbiter/channel_desk.ts";
export { Barrier } from "./barrier.ts";
export { Channel, type ChannelOptions } from "./channel.ts";
export { Condition } from "./condition.ts";
export { Counter } from "./counter.ts";
export { BrokenBarrierError, DeadlockError, type DeadlockStep } from "./errors.ts";
export { Handle, type NameOptions, type WaitLimits } from "./handle.ts";
export { Lease } from "./lease.ts";
export { Lock } from "./lock.ts";
export { RWLock } from "./rw_lock.ts";
export { Semaphore } from "./semaphore.ts";
export { type EventOptions, SyncEvent, SyncEvent as Event } from "./sync_event.ts";
