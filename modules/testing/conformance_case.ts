// ConformanceCase: one promise of the contract and the code that would notice if it were broken.
import type { CaseContext } from "./case_context.ts";
import type { Subject } from "./subject.ts";

/**
 * One promise, runnable on every subject it applies to.
 *
 * @example A case of one's own
 * ```ts
 * import type { ConformanceCase } from "@concurrent/futures/testing";
 * import assert from "node:assert/strict";
 *
 * const conformanceCase: ConformanceCase = {
 *   id: "my-1",
 *   title: "a new executor has run nothing",
 *   applies: () => true,
 *   run(context) {
 *     assert.equal(context.create().stats().finished, 0);
 *     return Promise.resolve();
 *   },
 * };
 * assert.equal(conformanceCase.id, "my-1");
 * ```
 */
export interface ConformanceCase {
  /** `py-<row>` for a row of CPython's suite, `cf-…` for the contract's own, `seam-…` for the channel's. */
  readonly id: string;
  /** A sentence in the present tense. */
  readonly title: string;
  /** Answers `true`, or the reason why the promise means nothing on this subject. */
  applies(subject: Subject): true | string;
  /** Resolves when the promise is kept; rejects with what broke it. */
  run(context: CaseContext): Promise<void>;
}
