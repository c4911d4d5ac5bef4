/**
 * Many machines: the same tasks and futures over a queue on Redis or Valkey.
 *
 * The packages `bullmq`, `ioredis` and `devalue` are optional peers: who imports this entry installs them.
 *
 * @module
 */

export { JobLostError, PayloadTooLargeError } from "./errors.ts";
