// The executor `polite`: the event loop once more, with limits by key and by time, as whoever visits hosts of others has them.

import { EventLoopExecutor } from "@concurrent/futures";
import { QUEUE_LIMIT } from "./submitter.ts";

/** What limits it. Slow enough to be seen in the lanes. */
export const POLITE = { perKey: { maxRunning: 2 }, rate: { limit: 10, per: 1000 } };

/** Makes it, under its name. */
export function polite(): { polite: EventLoopExecutor } {
  return { polite: new EventLoopExecutor({ name: "polite", maxQueue: QUEUE_LIMIT, ...POLITE }) };
}
