// The core's public face. What is not listed here is private to the core.

export type { Actor, TaskOfClass } from "./actor.ts";
export type { CallersContext, Deliver, RunningCall } from "./async_context.ts";
export type { ErrorClass, Marks } from "./brand.ts";
export type { AwaitedCall } from "./call_waits.ts";
export { CloningExecutor } from "./cloning_executor.ts";
export { type DefinedTasks, defineTasks } from "./define_tasks.ts";
export {
  BrokenExecutorError,
  CancelledError,
  DeadlockError,
  type DeadlockStep,
  type ErrorCode,
  GroupClosedError,
  InvalidStateError,
  QueueFullError,
  QueueTimeoutError,
  RemoteTraceback,
  ShutdownError,
  TimeoutError,
  UnsupportedRuntimeError,
  type WorkerLoss,
  WorkerLostError,
} from "./errors.ts";
export { EventLoopExecutor } from "./event_loop_executor.ts";
export type { ConsoleLevel, Hold, TaskEvent, TaskEventBase, WorkerEventBase } from "./events.ts";
export {
  type ErrorContext,
  Executor,
  type ExecutorOptions,
  type ExecutorStats,
  type Latency,
  type MapEntry,
  type MapOptions,
  type Mapped,
  type MapResults,
  type PoolOptions,
  type ShutdownOptions,
} from "./executor.ts";
export type { FlatMapOptions } from "./flat_map.ts";
export {
  type CancelOptions,
  Future,
  type FutureControl,
  type FutureDetails,
  type FutureSnapshot,
  type FutureState,
  type Outcome,
  type ResultOptions,
} from "./future.ts";
export type { Percentiles } from "./histogram.ts";
export {
  type ClassOf,
  importTasks,
  type TaskAt,
  type TaskFrom,
  type TasksOf,
} from "./import_tasks.ts";
export type { Key } from "./key.ts";
export type { PerKeyOptions, RateOptions } from "./limits.ts";
export type { MapProgress } from "./map_progress.ts";
export type { Bulk, BulkPlace } from "./memory/bulk.ts";
export type { ClaimTable } from "./memory/claims.ts";
export { SHARED_BYTES, type SharedMemory } from "./memory/shared_memory.ts";
export type { SharedWords } from "./memory/shared_words.ts";
export { closePools, restPools, type WarmOptions } from "./pool.ts";
export { PoolExecutor, type PoolTraits } from "./pool_executor.ts";
export { registerClass, type WireForm } from "./register_class.ts";
export type { RetryOptions } from "./retry.ts";
export {
  type Channel,
  ChannelEndedError,
  type ChannelHandlers,
  type Port,
  type ProcessStatus,
  type Spawn,
  type WorkerExit,
} from "./seam/channel.ts";
export type {
  HostMessage,
  LinkWord,
  Run,
  WireInitializer,
  WireTask,
  WorkerMessage,
} from "./seam/messages.ts";
export type { Made, Packed, Part, Parts, WireError, WireHandle } from "./seam/packed.ts";
export { registerErrorClass } from "./seam/unpack.ts";
export type {
  CannotCross,
  Cloneable,
  IsWritable,
  Sendable,
  Uncloneable,
  UncloneableField,
  UncloneableWithin,
} from "./sendable.ts";
export type { ServeOptions } from "./serving/call_maker.ts";
export { serve } from "./serving/serve.ts";
export type { Served } from "./serving/server.ts";
export { type Shared, share } from "./shared_value.ts";
export {
  type AnyFunction,
  type Generating,
  type PlatformObject,
  Task,
  type TaskOf,
  type TaskOptions,
  type TaskSource,
  type Transferred,
  task,
  type Yields,
} from "./task.ts";
export { move, type TaskContext, taskContext } from "./task_context.ts";
export { TaskGroup, type TaskGroupOptions } from "./task_group.ts";
export { TaskStream } from "./task_stream.ts";
export {
  type AnyFuture,
  type AsCompletedOptions,
  asCompleted,
  type CompletedEntries,
  type CompletedFutures,
  type CompletionIterator,
  type ReturnWhen,
  type WaitOptions,
  type WaitResult,
  wait,
} from "./wait.ts";
export type { Progress, WorkerIdentity, WorkerStatus } from "./worker_identity.ts";
export { type Bound, bind } from "./wrappers/bind.ts";
export type { StaticMethodDecorator } from "./wrappers/decorate.ts";
export { limit } from "./wrappers/limit.ts";
export { type MemoizeOptions, memoize } from "./wrappers/memoize.ts";
export { type SingleFlightOptions, singleFlight } from "./wrappers/single_flight.ts";
export { threaded } from "./wrappers/threaded.ts";
export { retry, timeout } from "./wrappers/with_option.ts";
