// SeenAgents: who serves the queue, as far as an engine knows. For observers they are its workers.

import type { Observers } from "../../core/scheduling/observers.ts";
import type { WorkerIdentity } from "../../core/worker_identity.ts";
import type { AgentStatus } from "../registry.ts";
import type { QueueClient } from "./queue_client.ts";

/** Milliseconds between looks who they are. */
const LOOK_MS = 5000;
/** Of so many the numbers are kept. */
const MOST_IDENTITIES = 10_000;

/** The agents of one queue. */
export class SeenAgents {
  readonly #client: QueueClient;
  readonly #observers: Observers;
  readonly #identities = new Map<string, WorkerIdentity>();
  #nextIdentity = 0;
  #agents: readonly AgentStatus[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(client: QueueClient, observers: Observers) {
    this.#client = client;
    this.#observers = observers;
  }

  get count(): number {
    return this.#identities.size;
  }

  /** How many there were at the last look. */
  get serving(): number {
    return this.#agents.length;
  }

  /** How many jobs they run at once, all of them together; 1 while none is known. */
  get slots(): number {
    return Math.max(
      1,
      this.#agents.reduce((sum, { concurrency }) => sum + concurrency, 0),
    );
  }

  identityOf({ id, name }: { readonly id: string; readonly name: string }): WorkerIdentity {
    let identity = this.#identities.get(id);
    if (identity === undefined) {
      if (this.#identities.size >= MOST_IDENTITIES) this.#identities.clear();
      identity = { id: this.#nextIdentity++, name };
      this.#identities.set(id, identity);
      this.#observers.workerStarted(identity);
    }
    return identity;
  }

  /** Looks who has come and gone, unless that was done a moment ago. Returns whether it has. */
  async look(): Promise<boolean> {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_MS) return false;
    await this.lookNow();
    return true;
  }

  async lookNow(): Promise<void> {
    this.#lookedAt = performance.now();
    const agents = await this.#client.agents().catch(() => undefined);
    if (agents === undefined) return;
    const after = new Set(agents.map(({ id }) => id));
    for (const agent of agents) this.identityOf(agent);
    for (const agent of this.#agents) {
      if (after.has(agent.id)) continue;
      const identity = this.identityOf(agent);
      this.#identities.delete(agent.id);
      this.#observers.workerExited(identity, { code: undefined, signal: undefined });
    }
    this.#agents = agents;
  }
}
