// History: the jobs in an embedded database, written in batches behind their backs.
//
// Changes are collected and written in slices of a few milliseconds, so that a burst of a hundred thousand jobs neither
// stops the server nor is written job by job. Whoever reads has the first slice written before. A database that cannot
// be written, on a full disk, is left for one in memory: nothing that is shown is lost, and a warning says what is.

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { JobFilter, JobState, JobsQuery, Storage } from "../contract.ts";
import { type DatabaseRow, openDatabase, ROW_COLUMNS, UPSERT, valuesOf } from "./database.ts";
import type { Job } from "./job.ts";
import { conditionOf, orderOf } from "./job_query.ts";
import type { Group } from "./tally.ts";

/** Changes wait so long for others, in milliseconds. */
const WRITE_EVERY = 100;

/** Milliseconds that one slice of writing may take; and one that somebody waits for who reads. */
const SLICE_MS = 10;
const READ_SLICE_MS = 60;

/** Jobs between two looks at the clock. */
const STRIDE = 100;

/** Milliseconds between two looks for jobs that are too old. */
const LOOK_FOR_OLD_EVERY = 60_000;

/** Jobs that one step of forgetting takes. */
const FORGET_AT_ONCE = 5000;

export interface HistoryOptions {
  /** Of the database's file; without one, all is kept in memory. */
  readonly path?: string | undefined;
  /** Marks the jobs of this start of the server. */
  readonly session: string;
  /** Settled jobs that are kept; the oldest go first. */
  readonly keepJobs: number;
  /** Milliseconds that a settled job is kept. */
  readonly keepFor: number;
  /** Bytes of results, output and pictures that are kept; the oldest go first. */
  readonly keepBytes: number;
  /** Bytes that the file may have. */
  readonly maxBytes?: number | undefined;
}

/** What the history tells whoever made it. */
export interface HistoryListener {
  /** These jobs are in the database as they are; `late` if lists were without them for longer than one reads. */
  written(jobs: readonly Job[], late: boolean): void;
  storageChanged(): void;
}

export class History {
  readonly #options: HistoryOptions;
  readonly #listener: HistoryListener;
  readonly #dirty = new Set<Job>();
  readonly #statements = new Map<string, StatementSync>();
  #database: DatabaseSync;
  #warning: string | null = null;
  /** Whether more has waited than one slice could write. */
  #behind = false;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #bulkBytes: number;
  #lookForOldAt = 0;

  constructor(options: HistoryOptions, listener: HistoryListener) {
    this.#options = options;
    this.#listener = listener;
    try {
      this.#database = openDatabase(options.path, options.maxBytes);
      this.#markLost();
    } catch (error) {
      this.#warn("cannot be opened", error);
      this.#database = openDatabase(undefined);
    }
    this.#bulkBytes = Number(this.#get("SELECT sum(bulk_bytes) AS sum FROM jobs").sum ?? 0);
  }

  get storage(): Storage {
    const path = this.#options.path ?? null;
    const isFile = path !== null && this.#warning === null;
    return { kind: isFile ? "file" : "memory", path, warning: this.#warning };
  }

  /** The largest number of a job so far. */
  get lastNumber(): number {
    return Number(this.#get("SELECT max(number) AS last FROM jobs").last ?? 0);
  }

  /** Has a job written as it will be then. */
  put(job: Job): void {
    this.#dirty.add(job);
    this.#timer ??= setTimeout(() => this.#onTimer(), WRITE_EVERY);
  }

  /** Forgets that a job was to be written. */
  drop(job: Job): void {
    this.#dirty.delete(job);
  }

  /** Writes all that waits. */
  flush(): void {
    while (this.#writeSlice());
  }

  /** Counts the jobs that a filter finds, by state and reason. */
  groups(filter: JobFilter): Group[] {
    this.#writeSlice(READ_SLICE_MS);
    const { sql, values } = conditionOf(filter);
    return this.#all(
      `SELECT state, reason, count(*) AS jobs FROM jobs WHERE ${sql} GROUP BY state, reason`,
      values,
    ) as unknown as Group[];
  }

  /** Lists a window of the jobs that a query finds. */
  list(query: JobsQuery): DatabaseRow[] {
    this.#writeSlice(READ_SLICE_MS);
    const { sort, order, offset, limit, ...filter } = query;
    const condition = conditionOf(filter);
    const by = orderOf({ sort, order });
    // Only numbers are sorted; the rows are fetched for the window alone.
    const sql = `SELECT ${ROW_COLUMNS} FROM jobs WHERE number IN (
        SELECT number FROM jobs WHERE ${condition.sql} ORDER BY ${by.sql} LIMIT :limit OFFSET :offset
      ) ORDER BY ${by.sql}`;
    return this.#all(sql, { ...condition.values, ...by.values, limit, offset });
  }

  /** Goes through the rows that a filter finds, oldest first, some at a time. */
  *rows(filter: JobFilter, size: number): Generator<DatabaseRow[]> {
    const { sql, values } = conditionOf(filter);
    for (let last = 0; ; ) {
      this.#writeSlice(READ_SLICE_MS);
      const rows = this.#all(
        `SELECT ${ROW_COLUMNS} FROM jobs WHERE number > :last AND ${sql} ORDER BY number LIMIT :size`,
        { ...values, last, size },
      );
      if (rows.length === 0) return;
      last = Number(rows.at(-1)?.number);
      yield rows;
    }
  }

  /** Adds up the newest runs, by kind, executor and state; the oldest first. */
  runs(most: number): DatabaseRow[] {
    return this.#all(
      `SELECT batch, kind, executor, state, count(*) AS jobs, min(submitted_at) AS submitted_at,
        min(started_at) AS started_at, max(finished_at) AS finished_at,
        max(finished_at - started_at) AS slowest, min(number) AS first
      FROM jobs WHERE batch IN (
        SELECT batch FROM jobs WHERE batch IS NOT NULL GROUP BY batch ORDER BY max(number) DESC LIMIT :most
      ) GROUP BY batch, kind, executor, state ORDER BY first`,
      { most },
    );
  }

  /** Counts the failures that a filter finds, by their errors. */
  failures(filter: JobFilter): DatabaseRow[] {
    this.#writeSlice(READ_SLICE_MS);
    const { sql, values } = conditionOf(filter);
    // Of the columns beside max(), SQLite gives those of the row that has it.
    return this.#all(
      `SELECT error_name, error_message, reason, kind, count(*) AS jobs, max(number) AS newest,
        id AS latest, coalesce(finished_at, submitted_at) AS latest_at
      FROM jobs WHERE ${sql} AND state = 'failed'
      GROUP BY error_name, error_message, reason, kind ORDER BY newest DESC LIMIT 2000`,
      values,
    );
  }

  /** Lists what was asked of the jobs that a filter finds in some states, oldest first. */
  async select(
    filter: JobFilter,
    states: readonly JobState[],
    most: number,
  ): Promise<DatabaseRow[]> {
    // All of it, for nothing may be missed; with a turn for others in between.
    while (this.#writeSlice()) await new Promise((resolve) => setTimeout(resolve, 0));
    const { sql, values } = conditionOf(filter);
    const among = states.map((state) => `'${state}'`).join(", ");
    return this.#all(
      `SELECT id, kind, executor, parameters, options, file_key FROM jobs
        WHERE ${sql} AND state IN (${among}) ORDER BY number LIMIT :most`,
      { ...values, most },
    );
  }

  /** Finds a job by its id, whole. */
  find(id: string): DatabaseRow | undefined {
    return this.#statement("SELECT * FROM jobs WHERE id = :id").get({ id });
  }

  /** Lists jobs of this session that were on a worker in a stretch of time, newest start first. */
  bars(since: number, until: number, limit: number): DatabaseRow[] {
    this.#writeSlice(READ_SLICE_MS);
    return this.#all(
      `SELECT id, number, kind, executor, worker_id, submitted_at, started_at, finished_at,
        coalesce(reason, state) AS outcome, CASE WHEN attempts > 1 OR instr(moments, '"what":"waits"') OR instr(moments, '"what":"holds"')
          OR instr(moments, '"what":"grouped"')
          THEN moments END AS moments
      FROM jobs WHERE session = :session AND started_at IS NOT NULL AND worker_id IS NOT NULL
        AND started_at <= :until AND coalesce(finished_at, :until) >= :since
      ORDER BY started_at DESC LIMIT :limit`,
      { session: this.#options.session, since, until, limit },
    );
  }

  /** Goes through the jobs of this session in the order of their numbers, some at a time. */
  *pages(size: number): Generator<DatabaseRow[]> {
    this.flush();
    let last = 0;
    for (;;) {
      const rows = this.#all(
        `SELECT ${ROW_COLUMNS} FROM jobs WHERE session = :session AND number > :last
          ORDER BY number LIMIT :size`,
        { session: this.#options.session, last, size },
      );
      if (rows.length === 0) return;
      last = Number(rows.at(-1)?.number);
      yield rows;
    }
  }

  /**
   * Forgets what is too old or too much. Jobs that are not settled stay.
   *
   * @param known how many jobs there are.
   * @returns how many were forgotten.
   */
  retain(known: number): Group[] {
    const { keepJobs, keepFor, keepBytes } = this.#options;
    const forgotten: DatabaseRow[] = [];
    const forget = (more: string, values: Record<string, SQLInputValue>) => {
      const rows = this.#guarded(() =>
        this.#all(
          `DELETE FROM jobs WHERE number IN (SELECT number FROM jobs
            WHERE state NOT IN ('pending', 'running') ${more} ORDER BY number LIMIT :most)
            RETURNING state, reason, 1 AS jobs, bulk_bytes`,
          values,
        ),
      );
      forgotten.push(...(rows ?? []));
    };
    if (known > keepJobs) forget("", { most: Math.min(FORGET_AT_ONCE, known - keepJobs) });
    const now = Date.now();
    if (now >= this.#lookForOldAt) {
      // All of the table is looked at: not as often as there may be too many.
      this.#lookForOldAt = now + LOOK_FOR_OLD_EVERY;
      const before = now - keepFor;
      const old = "AND coalesce(finished_at, submitted_at) < :before";
      forget(old, { before, most: FORGET_AT_ONCE });
    }
    for (const { bulk_bytes: bytes } of forgotten) this.#bulkBytes -= Number(bytes);
    if (this.#bulkBytes > keepBytes) {
      this.#guarded(() => this.#dropBulk(this.#bulkBytes - keepBytes));
    }
    return forgotten as unknown as Group[];
  }

  /** Writes what waits, and lets the file go. */
  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#database.close();
  }

  #onTimer(): void {
    this.#timer = undefined;
    const more = this.#writeSlice();
    // The rest after whatever waits for the event loop.
    if (more) this.#timer = setTimeout(() => this.#onTimer(), 0);
  }

  /** Writes what waits, as long as a slice lasts. Tells whether something is left. */
  #writeSlice(ms = SLICE_MS): boolean {
    if (this.#dirty.size === 0) return false;
    const written = this.#guarded(() => this.#write(ms));
    // After a failure the same jobs are written to memory.
    if (written === undefined) return true;
    for (const job of written) this.#dirty.delete(job);
    const left = this.#dirty.size > 0;
    this.#listener.written(written, left || this.#behind);
    this.#behind = left;
    return left;
  }

  #write(ms: number): Job[] {
    const written: Job[] = [];
    const upsert = this.#statement(UPSERT);
    const end = performance.now() + ms;
    let bytes = 0;
    this.#database.exec("BEGIN");
    try {
      for (const job of this.#dirty) {
        const values = valuesOf(job, this.#options.session);
        upsert.run(...Object.values(values));
        bytes += values.bulk_bytes as number;
        written.push(job);
        if (written.length % STRIDE === 0 && performance.now() > end) break;
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      // SQLite may have done so itself already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
    this.#bulkBytes += bytes;
    return written;
  }

  /** Lets go the results, output and pictures of the oldest jobs. */
  #dropBulk(bytes: number): void {
    let left = bytes;
    const oldest = this.#all(
      "SELECT number, bulk_bytes FROM jobs WHERE bulk_bytes > 0 ORDER BY number LIMIT :most",
      { most: FORGET_AT_ONCE },
    );
    const drop = this.#statement(
      `UPDATE jobs SET bulk_bytes = 0, result = NULL, output = NULL, pixels = NULL,
        picture_width = NULL, picture_height = NULL WHERE number = :number`,
    );
    for (const { number, bulk_bytes: freed } of oldest) {
      if (left <= 0) break;
      drop.run({ number: number as number });
      left -= Number(freed);
      this.#bulkBytes -= Number(freed);
    }
  }

  /** Nobody can say how the jobs ended that another start of the server left pending or running. */
  #markLost(): void {
    const error = { name: "ServerLost", message: "The server ended before the job did" };
    const whole = { ...error, code: null, stack: null, workerStack: null, cause: null };
    this.#database
      .prepare(
        `UPDATE jobs SET state = 'failed', reason = 'server-lost', error_name = :name,
          error_message = :message, error = :whole WHERE state IN ('pending', 'running')`,
      )
      .run({ ...error, whole: JSON.stringify(whole) });
  }

  /** Does something to the database; if that fails, goes on in memory and gives undefined. */
  #guarded<T>(change: () => T): T | undefined {
    try {
      return change();
    } catch (error) {
      // Memory does not fill up like a disk: what fails there is a mistake of ours.
      if (this.storage.kind === "memory") throw error;
      this.#goToMemory(error);
      return undefined;
    }
  }

  #goToMemory(error: unknown): void {
    const file = this.#database;
    const memory = openDatabase(undefined);
    try {
      const insert = memory.prepare(UPSERT);
      memory.exec("BEGIN");
      for (const row of file.prepare("SELECT * FROM jobs").iterate()) {
        insert.run(...(Object.values(row) as SQLInputValue[]));
      }
      memory.exec("COMMIT");
    } catch (unreadable) {
      if (memory.isTransaction) memory.exec("COMMIT");
      console.error("Cannot read the rest of the history:", unreadable);
    }
    this.#statements.clear();
    this.#database = memory;
    this.#warn("cannot be written", error);
    try {
      file.close();
    } catch {
      // It failed before; what matters has been read.
    }
    this.#listener.storageChanged();
  }

  #warn(what: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#warning = `History ${what} (${why}): jobs are kept in memory and end with this server`;
    console.error(`${this.#warning}. The file is ${this.#options.path}`);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #all(sql: string, values: Record<string, SQLInputValue> = {}): DatabaseRow[] {
    return this.#statement(sql).all(values);
  }

  #get(sql: string): DatabaseRow {
    return this.#statement(sql).get() ?? {};
  }
}
