/**
 * Many machines: the same tasks and futures over a queue on Redis or Valkey.
 *
 * The packages `bullmq`, `ioredis` and `devalue` are optional peers: who imports this entry installs them.
 *
 * @module
 */

export { Agent, type CloseOptions, serveQueue } from "./agent.ts";
export type { QueueConnection, QueueTls } from "./connection.ts";
export type { Durability } from "./engine/queue_client.ts";
export type { QueueStats } from "./engine/queue_stats.ts";
export { JobLostError, PayloadTooLargeError } from "./errors.ts";
export {
  QueueExecutor,
  type QueueExecutorOptions,
  type ScheduleOptions,
} from "./queue_executor.ts";
export { QueueFuture } from "./queue_future.ts";
export type { AgentStatus } from "./registry.ts";
export type { AgentOptions } from "./serving/agent_options.ts";
export type { TaskTable } from "./task_table.ts";
