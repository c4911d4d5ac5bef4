// What is left out of the conformance suite for a queue beside what its traits rule out (subject.ts), each with its reason.

/** Which cases, and why. */
const LEFT_OUT: readonly (readonly [cases: RegExp, why: string])[] = [
  [
    /^cf-values-(nested-deeply|nearly-empty-list)$/,
    "a queue's limits are narrower: codec_test.ts has them",
  ],
  [
    /^cf-(order|race|flood-short)\b/,
    "thousands of jobs for one worker one by one take too long; queue_test.ts has their order",
  ],
  [
    /^cf-(with-retries-on-predicate|wrap-retry$)/,
    "a function cannot be sent to an agent: refused at the call",
  ],
];

/** Why a case is no matter of a queue; undefined if it is one. */
export function whyLeftOut(id: string): string | undefined {
  return LEFT_OUT.find(([cases]) => cases.test(id))?.[1];
}
