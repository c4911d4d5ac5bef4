// ScriptedWorker: a worker of which a test says when it is ready, when it begins a call, and when it ends one.

import { CELLS, Claims } from "../../core/memory/shared_memory.ts";
import type { ChannelHandlers, Spawn } from "../../core/seam/channel.ts";

/** A worker that begins and ends calls when a test says so. */
export class ScriptedWorker {
  readonly claims: Claims = new Claims(new Int32Array(CELLS));
  /** The arguments of the calls it was sent. */
  readonly sent: unknown[] = [];
  /** The kinds of all messages it was sent. */
  readonly heard: string[] = [];
  /** Milliseconds that each call takes, as it says. */
  callMs = 5;
  #next = 0;
  #runs = false;

  constructor(readonly handlers: ChannelHandlers) {}

  /** Begins the next call that was not taken back, if none runs; tells its argument, undefined if there is none. */
  begin(): unknown {
    while (!this.#runs && this.#next < this.sent.length) {
      this.#runs = this.claims.begin(this.#next);
      if (!this.#runs) this.#settle(undefined);
    }
    return this.sent[this.#next];
  }

  end(): void {
    this.#runs = false;
    this.#settle(this.sent[this.#next]);
  }

  /** How many calls it has made, or passed over. */
  get made(): number {
    return this.#next;
  }

  /** What it has that it may begin. */
  get waiting(): unknown[] {
    return this.sent.slice(this.#next + 1);
  }

  #settle(value: unknown): void {
    const first = this.#next++;
    this.handlers.onMessage({ kind: "settled", first, values: [value], elapsed: this.callMs });
  }
}

/** Starts scripted workers, and keeps them in `workers`. */
export function scripted(workers: ScriptedWorker[], whileStarting = () => {}): Spawn {
  return (handlers) => {
    whileStarting();
    const worker = new ScriptedWorker(handlers);
    workers.push(worker);
    return {
      memory: { claims: worker.claims },
      send(message) {
        worker.heard.push(message.kind);
        if (message.kind === "run") worker.sent.push(...message.runs.flatMap(({ args }) => args));
        if (message.kind === "stop") queueMicrotask(() => handlers.onExit({ code: 0 }));
      },
      terminate: () => queueMicrotask(() => handlers.onExit({ code: 0 })),
    };
  };
}
