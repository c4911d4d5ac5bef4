// Gate and CaseLog: how a test holds tasks back and counts what they did, wherever they run.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";

/**
 * Holds tasks until the test opens it.
 *
 * A gate is a path: open once a file stands there. Threads, processes and the host's own event loop see
 * it alike, it survives the death of any of them, and a busy loop can look at it. Its path travels to a
 * task as a plain argument; `fixtures/gates.ts` has the tasks that wait there.
 *
 * @example A gate opens once and stays open
 * ```ts
 * import { Gate } from "@concurrent/futures/testing";
 * import { mkdtempSync, rmSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import assert from "node:assert/strict";
 *
 * const directory = mkdtempSync(`${tmpdir()}/gate-`);
 * const gate = new Gate(`${directory}/gate`);
 * assert.equal(gate.isOpen, false);
 * gate.open();
 * assert.equal(gate.isOpen, true);
 * rmSync(directory, { recursive: true });
 * ```
 */
export class Gate {
  /** What a task is given to wait at. */
  readonly path: string;

  /** Stands at `path`, closed unless a file is there; the directory must exist. */
  constructor(path: string) {
    this.path = path;
  }

  /** Whether tasks may pass. */
  get isOpen(): boolean {
    return existsSync(this.path);
  }

  /** Lets every present and later waiter pass. */
  open(): void {
    writeFileSync(this.path, "");
  }
}

/**
 * Counts what tasks did: each appends a line, the test reads them.
 *
 * @example Lines come back in the order they were written
 * ```ts
 * import { CaseLog } from "@concurrent/futures/testing";
 * import { mkdtempSync, rmSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import assert from "node:assert/strict";
 *
 * const directory = mkdtempSync(`${tmpdir()}/log-`);
 * const log = new CaseLog(`${directory}/log`);
 * log.append("a");
 * log.append("b");
 * assert.deepEqual(log.lines(), ["a", "b"]);
 * rmSync(directory, { recursive: true });
 * ```
 */
export class CaseLog {
  /** What a task is given to write to. */
  readonly path: string;

  /** Stands at `path`, closed unless a file is there; the directory must exist. */
  constructor(path: string) {
    this.path = path;
  }

  /** Adds a line; its text has no line break. */
  append(line: string): void {
    appendFileSync(this.path, `${line}\n`);
  }

  /** Reads what was written so far, oldest first. */
  lines(): string[] {
    if (!existsSync(this.path)) return [];
    return readFileSync(this.path, "utf8").split("\n").slice(0, -1);
  }
}
