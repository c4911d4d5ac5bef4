// GatheredWrites: what a client says in one turn of the event loop goes to the server in one piece.
//
// ioredis writes each command by itself, and with a short job such a write is more than half of the time that an agent takes: the
// system carries each piece over, and wakes the server for it. Answers come in one piece, too, where questions did, so what they
// lead to is said in one turn again.

import { setImmediate } from "node:timers";
import type { Redis } from "ioredis";

/** What of a client is needed for it. */
interface Writing {
  readonly stream?: { cork(): void; uncork(): void };
  sendCommand(this: unknown, ...command: unknown[]): unknown;
}

/** Has a client write once in each turn. Nothing waits longer than until what runs now has run. */
export function gatherWrites(client: Redis): void {
  const writing = client as unknown as Writing;
  const { sendCommand } = writing;
  let corked: Writing["stream"];
  const uncork = () => {
    const stream = corked;
    corked = undefined;
    stream?.uncork();
  };
  writing.sendCommand = function (...command) {
    if (corked === undefined && writing.stream !== undefined) {
      corked = writing.stream;
      corked.cork();
      // When all has run that is due now. On Bun a tick is over before the promises that are settled in it.
      setImmediate(uncork);
    }
    return Reflect.apply(sendCommand, this, command);
  };
}
