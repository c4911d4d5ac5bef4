// Claims: who has a task that was sent ahead — the worker, which begins it, or the host, which takes it back.
//
// Each call sent to a worker has a cell in memory that both sides see. Whoever changes it from OFFERED first has the
// task; the other finds it changed. So cancel() can tell the truth at once, and an idle worker can be given what waits
// behind a long task, although the message is long gone.
//
//   host: offer ──▶ OFFERED ──▶ BEGUN       worker: begin
//                      └──────▶ WITHDRAWN   host: withdraw (cancel, or give to another worker)

/**
 * Says of each call that was sent ahead who has it, where no memory is shared. Calls are numbered in the order sent.
 * Between `begin` and `withdraw` of the same call exactly one wins, and both know who.
 */
export interface ClaimTable {
  /** Host: before the call is sent. */
  offer(seq: number): void;
  /** Worker: takes the call to run it. False: the host has taken it back. */
  begin(seq: number): boolean;
  /** Host: takes the call back. True promises that it will never begin. */
  withdraw(seq: number): boolean;
  /** Host: whether the worker has begun the call. */
  hasBegun(seq: number): boolean;
}
