// Channel: values from many senders to many receivers.

import { assertCount } from "../core/checks.ts";
import { ChannelDesk, type Received } from "./arbiter/channel_desk.ts";
import { NO_LIMITS } from "./arbiter/wait.ts";
import { DeskSeat } from "./desk_seat.ts";
import {
  given,
  Handle,
  type NameOptions,
  readLimits,
  readMaking,
  seatOf,
  type WaitLimits,
} from "./handle.ts";

/** How to make a channel. */
export interface ChannelOptions extends NameOptions {
  /** How many values it keeps that nobody has received. With 0 each sender waits for its receiver. Default: 0. */
  capacity?: number;
}

/**
 * Carries values from those who send to those who receive, in order, each to one, whatever executors they run on.
 *
 * Of values that cross to a thread or a process copies arrive, as of arguments. On one event loop they pass as they are.
 *
 * A value on its way to a call that ends meanwhile, or whose worker dies, is lost with it.
 *
 * @typeParam T What is sent.
 *
 * @example One sends, another receives
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor } from "@concurrent/futures";
 * import { Channel } from "@concurrent/futures/sync";
 *
 * async function produce(orders: Channel<number>): Promise<void> {
 *   for (const n of [1, 2, 3]) await orders.send(n);
 *   await orders.close();
 * }
 *
 * await using executor = new EventLoopExecutor();
 * const orders = new Channel<number>({ capacity: 16 });
 * executor.submit(produce, orders);
 * const received: number[] = [];
 * for await (const order of orders) received.push(order);
 * assert.deepEqual(received, [1, 2, 3]);
 * ```
 */
export class Channel<T = unknown> extends Handle implements AsyncIterable<T, undefined> {
  /**
   * Makes a channel that is open.
   *
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} When `capacity` is below 0.
   */
  constructor(options?: ChannelOptions) {
    super(given(options) ?? seatFor(options));
  }

  /**
   * Sends a value: waits until somebody has received it, or there is room for it.
   *
   * @throws {InvalidStateError} When the channel is closed; its `cause` is what it was closed with.
   * @throws {TimeoutError} After `timeout` milliseconds. Nobody will receive the value then.
   */
  async send(value: T, options?: WaitLimits): Promise<void> {
    await seatOf(this).ask(["send", value], readLimits(options, "send to channel"));
  }

  /**
   * Sends a value if somebody waits for it, or there is room for it, now.
   *
   * @returns Whether it was sent.
   * @throws {InvalidStateError} When the channel is closed.
   */
  async trySend(value: T): Promise<boolean> {
    return (await seatOf(this).ask(["trySend", value], NO_LIMITS)) as boolean;
  }

  /**
   * Waits for the next value, or the end.
   *
   * @returns `{ value, done: false }`; and `done: true` once the channel is closed and all that was sent is received.
   * @throws What the channel was closed with, once all that was sent is received.
   * @throws {TimeoutError} After `timeout` milliseconds.
   */
  async receive(options?: WaitLimits): Promise<Received<T>> {
    const limits = readLimits(options, "receive from channel");
    return (await seatOf(this).ask(["receive"], limits)) as Received<T>;
  }

  /** Receives what is there now; resolves with undefined where that is nothing. */
  async tryReceive(): Promise<Received<T> | undefined> {
    return (await seatOf(this).ask(["tryReceive"], NO_LIMITS)) as Received<T> | undefined;
  }

  /**
   * Takes no more values. What was sent is still received, that of senders who wait, too.
   *
   * @param error Is thrown to receivers after that, in the place of an end.
   * @returns Whether it was open until now.
   */
  async close(error?: unknown): Promise<boolean> {
    const wrapped = error === undefined ? undefined : { error };
    return (await seatOf(this).ask(["close", wrapped], NO_LIMITS)) as boolean;
  }

  /** Receives until the end: `for await`. To leave the loop does not close the channel. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    let isOver = false;
    const end = { value: undefined, done: true } as const;
    return {
      next: async () => {
        if (isOver) return end;
        try {
          const received = await this.receive();
          isOver = received.done;
          return received;
        } catch (error) {
          isOver = true;
          throw error;
        }
      },
      return: async () => {
        isOver = true;
        return end;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

function seatFor(options: ChannelOptions | undefined): DeskSeat {
  const { name, capacity = 0 } = readMaking(options, "channel", ["name", "capacity"]);
  assertCount(capacity, "capacity", 0);
  return new DeskSeat(new ChannelDesk(name, capacity));
}
