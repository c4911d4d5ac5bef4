/**
 * The conformance suite of `@concurrent/futures`, for authors of other backends.
 *
 * A backend is a `Spawn`; the suite is a list of cases, each of which proves one promise on one {@linkcode Subject}.
 * Describe the backend as a subject, then run the cases one by one under a test runner ({@linkcode runCase}) or all
 * together ({@linkcode reportConformance}). What tests of programs need, too, comes with it: the fake backend and gates.
 *
 * On npm the suite is a package of its own, `@concurrent/futures-testing`, which has all that is here;
 * `@concurrent/futures/testing` has only the latter there.
 *
 * @example The suite as tests
 * ```ts ignore
 * import { conformanceCases, runCase } from "@concurrent/futures/testing";
 * import { test } from "node:test";
 *
 * for (const conformanceCase of conformanceCases) {
 *   const { id, title } = conformanceCase;
 *   const skip = conformanceCase.applies(subject) !== true;
 *   test(`[${id}] ${title}`, { skip }, () => runCase(conformanceCase, subject));
 * }
 * ```
 *
 * @module
 */
// The public entry of the conformance suite.

export { CaseContext, type Report } from "./case_context.ts";
export { conformanceCases } from "./cases/mod.ts";
export type { ConformanceCase } from "./conformance_case.ts";
export * from "./programs.ts";
export { type CaseResult, reportConformance, runCase, runConformance } from "./run_conformance.ts";
export type { ScriptCommand, Subject, SubjectTraits } from "./subject.ts";
export { runtimeBlindSubjects } from "./subjects.ts";
