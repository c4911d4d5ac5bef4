// JobList: a list of any length, of which the server sends the rows in view, and again when they changed.
//
// The list lives on the server: here are chunks of it. What changes is told by the stream, row by row as far as it goes;
// whatever else may have changed makes the chunks stale, and the stale ones in view are asked for again, no oftener
// than a reader can follow.

import { signal } from "@preact/signals";
import type { Counts, JobRow, JobsPage } from "../contract.ts";
import { fetchJobs, Refusal } from "./api.ts";
import type { ListQuery } from "./job_query.ts";
import { isLocal, localRows, withLocal } from "./local.ts";

/** Rows of one request. */
const CHUNK = 100;

/** Rows that are there already are asked for again after this long at the earliest. */
const AGAIN_MS = 250;

/** A request that failed is made again after this long. */
const RETRY_MS = 2000;

/** Chunks that are kept: a few screens around the one in view. */
const KEPT_CHUNKS = 20;

/** Refusals that no second try changes. */
const NO_LIST: ReadonlySet<number> = new Set([400, 404, 422]);

interface Chunk {
  rows: readonly JobRow[];
  stale: boolean;
}

export class JobList {
  /** Grows with every change; whoever draws the list reads it. */
  readonly version = signal(0);
  /** Of the server's alone: what is done to many is done there. */
  there: { readonly total: number; readonly counts: Counts | undefined } = {
    total: 0,
    counts: undefined,
  };
  /** Whether the server has answered once. */
  known = false;
  /** Why there is no such list: what the URL asks for may be anything. */
  refused: string | undefined;
  readonly #query: Partial<ListQuery>;
  readonly #onGrown: (rows: number) => void;
  readonly #chunks = new Map<number, Chunk>();
  /** Those of this page itself, before the server's: all of them are here. */
  #local: readonly JobRow[];
  #localTimer: ReturnType<typeof setTimeout> | undefined;
  #first = 0;
  #last = 0;
  #busy = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  /** @param onGrown is told how many rows came in front of the others, before they are drawn. */
  constructor(query: Partial<ListQuery>, onGrown: (rows: number) => void) {
    this.#query = query;
    this.#onGrown = onGrown;
    this.#local = localRows(query);
  }

  get total(): number {
    return this.#local.length + this.there.total;
  }

  get counts(): Counts | undefined {
    return this.there.counts && withLocal(this.there.counts, this.#local);
  }

  row(index: number): JobRow | undefined {
    const there = index - this.#local.length;
    if (there < 0) return this.#local[index];
    return this.#chunks.get(Math.floor(there / CHUNK))?.rows[there % CHUNK];
  }

  /** Says which rows are in view. */
  show(first: number, last: number): void {
    this.#first = Math.max(0, first - this.#local.length);
    this.#last = Math.max(this.#first, last - this.#local.length);
    this.#ask();
  }

  /** Takes rows that changed; `undefined` where everything may have. */
  changed(told: readonly JobRow[] | undefined, more: number): void {
    const rows = told?.filter((row) => !isLocal(row));
    if (told !== undefined && rows?.length !== told.length) {
      this.#localTimer ??= setTimeout(() => this.#takeLocal(), AGAIN_MS);
    }
    const byId = new Map(rows?.map((row) => [row.id, row]));
    let found = 0;
    for (const chunk of this.#chunks.values()) {
      if (!chunk.rows.some(({ id }) => byId.has(id))) continue;
      chunk.rows = chunk.rows.map((row) => {
        const changed = byId.get(row.id);
        if (changed) found++;
        return changed ?? row;
      });
    }
    if (found > 0) this.version.value++;
    // A change of state may move a row, or take it from the list; one that is not here may have come.
    if (rows === undefined || rows.length > 0 || more > 0) {
      for (const chunk of this.#chunks.values()) chunk.stale = true;
      this.#ask();
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#localTimer);
  }

  #takeLocal(): void {
    this.#localTimer = undefined;
    const before = this.#local.length;
    this.#local = localRows(this.#query);
    const grown = this.#local.length - before;
    if (this.known && grown > 0) this.#onGrown(grown);
    this.version.value++;
  }

  /** Asks for what is missing at once, for what is stale in due time, one request after the other. */
  #ask(): void {
    if (this.#busy || this.#stopped) return;
    clearTimeout(this.#timer);
    const wanted = this.#wanted();
    if (wanted === undefined) return;
    const { index, missing } = wanted;
    const wait = missing ? 0 : this.#askedAt + AGAIN_MS - performance.now();
    if (wait > 0) {
      this.#timer = setTimeout(() => this.#ask(), wait);
      return;
    }
    this.#fetch(index);
  }

  #wanted(): { index: number; missing: boolean } | undefined {
    let stale: number | undefined;
    for (let i = Math.floor(this.#first / CHUNK); i <= Math.floor(this.#last / CHUNK); i++) {
      const chunk = this.#chunks.get(i);
      if (chunk === undefined) return { index: i, missing: true };
      if (chunk.stale) stale ??= i;
    }
    return stale === undefined ? undefined : { index: stale, missing: false };
  }

  async #fetch(index: number): Promise<void> {
    this.#busy = true;
    this.#askedAt = performance.now();
    const chunk: Chunk = { rows: this.#chunks.get(index)?.rows ?? [], stale: false };
    // Before the request, so that what changes while it is under way makes it stale.
    this.#chunks.set(index, chunk);
    try {
      const page = await fetchJobs({ ...this.#query, offset: index * CHUNK, limit: CHUNK });
      if (!this.#stopped) this.#take(chunk, page);
    } catch (error) {
      this.#chunks.delete(index);
      if (error instanceof Refusal && NO_LIST.has(error.problem.status)) {
        this.refused = error.message;
        this.stop();
        this.version.value++;
        return;
      }
      // The connection's state is shown already; the list asks until there is an answer.
      this.#timer = setTimeout(() => this.#ask(), RETRY_MS);
      return;
    } finally {
      this.#busy = false;
    }
    this.#ask();
  }

  #take(chunk: Chunk, page: JobsPage): void {
    chunk.rows = page.jobs;
    const { total } = this.there;
    if (this.known && page.total > total) this.#onGrown(page.total - total);
    if (page.total !== total) {
      for (const other of this.#chunks.values()) if (other !== chunk) other.stale = true;
    }
    this.there = { total: page.total, counts: page.counts };
    this.known = true;
    this.#forget();
    this.version.value++;
  }

  #forget(): void {
    const middle = (this.#first + this.#last) / 2 / CHUNK;
    const far = [...this.#chunks.keys()].sort(
      (a, b) => Math.abs(b - middle) - Math.abs(a - middle),
    );
    for (const index of far.slice(0, Math.max(0, far.length - KEPT_CHUNKS))) {
      this.#chunks.delete(index);
    }
  }
}
