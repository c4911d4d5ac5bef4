// The functions of those who have no workers: both give the event loop a turn.

/** The least there is to wait for. */
async function increment(a: number): Promise<number> {
  await undefined;
  return a + 1;
}

/** Holds its place until a gate opens. */
async function waitFor(gate: Promise<void>): Promise<void> {
  await gate;
}

/** All of them, by name. */
export const ASYNC_TASKS = { increment, waitFor };
