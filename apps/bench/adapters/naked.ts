// A bare transport, as one would write it by hand: one at a time, many in flight, or many per message.

import type { Adapter, OpenOptions, Pool } from "../contender.ts";

/** A worker that answers each message with one, in order. */
export interface Link {
  post(message: unknown): void;
  onMessage: (message: unknown) => void;
  end(): unknown;
}

/** What the worker's side is told. */
export interface LinkOptions extends OpenOptions {
  /** Messages are lists of arguments. */
  readonly batched: boolean;
}

const IN_FLIGHT = 256;
const PER_MESSAGE = 256;

/**
 * One worker, however many the scenario asks for: that is what one writes by hand, and a second one makes it slower for
 * trivial tasks. For tasks that do some work the `"spread"` variant uses all of them.
 *
 * @param variant `"batched"` sends many arguments per message, one message at a time. `"spread"` uses every worker,
 * with a message more under way to each than it works on; `"batched spread"` does both, the most there is to get out of
 * the transport.
 */
export function nakedAdapter(
  start: (options: LinkOptions) => Link,
  variant: string | undefined,
): Adapter {
  const spread = variant?.endsWith("spread") ?? false;
  const batched = variant?.startsWith("batched") ?? false;
  return {
    open(options) {
      const links = Array.from({ length: spread ? options.workers : 1 }, () =>
        start({ ...options, batched }),
      );
      return {
        call: (argument) => ask(links[0] as Link, batched ? [argument] : argument),
        many: (args) => {
          if (batched) return inBatches(links, args, spread ? 2 : 1);
          return inFlight(links, args, spread ? 2 : IN_FLIGHT);
        },
        interrupt() {
          links[0]?.end();
          links[0] = start({ ...options, batched });
        },
        close: async () => void (await Promise.all(links.map((link) => link.end()))),
      } satisfies Pool;
    },
  };
}

function ask(link: Link, message: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    link.onMessage = resolve;
    link.post(message);
  });
}

/** Keeps a number of messages under way on each link; an answer makes room for the next. Answers come in order. */
function inFlight(
  links: readonly Link[],
  args: readonly unknown[],
  messagesPerLink: number,
): Promise<unknown[]> {
  const results = new Array<unknown>(args.length);
  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  let sent = 0;
  let received = 0;
  for (const link of links) {
    const asked: number[] = [];
    let answered = 0;
    const postNext = () => {
      if (sent === args.length) return;
      asked.push(sent);
      link.post(args[sent++]);
    };
    link.onMessage = (result) => {
      results[asked[answered++] as number] = result;
      if (++received === args.length) resolve(results);
      else postNext();
    };
    for (let n = 0; n < messagesPerLink; n++) postNext();
  }
  return promise;
}

function inBatches(
  links: readonly Link[],
  args: readonly unknown[],
  messagesPerLink: number,
): Promise<unknown[]> {
  const results = new Array<unknown>(args.length);
  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  let sent = 0;
  let received = 0;
  for (const link of links) {
    const firsts: number[] = [];
    const postNext = () => {
      if (sent >= args.length) return;
      firsts.push(sent);
      link.post(args.slice(sent, sent + PER_MESSAGE));
      sent += PER_MESSAGE;
    };
    link.onMessage = (message) => {
      const batch = message as unknown[];
      const first = firsts.shift() as number;
      for (let index = 0; index < batch.length; index++) results[first + index] = batch[index];
      received += batch.length;
      if (received === args.length) resolve(results);
      else postNext();
    };
    for (let n = 0; n < messagesPerLink; n++) postNext();
  }
  return promise;
}
