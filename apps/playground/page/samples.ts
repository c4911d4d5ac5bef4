// Samples: loads that show something in the lanes at one click, made of the kinds that the server has.

import type { ExecutorView } from "../../../modules/dashboard/contract.ts";
import type { Submission } from "../contract.ts";
import { kindOf } from "./catalogue.ts";

export interface SampleLoad {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** What it submits, for an executor. */
  readonly jobs: readonly Omit<Submission, "executor">[];
}

const TILE = { span: 0.02, size: 256, iterations: 800 };

const LOADS: readonly SampleLoad[] = [
  {
    name: "mixed",
    title: "A mixed load",
    about: "Tiles, primes, naps and a few failures: every colour in the lanes.",
    jobs: [
      { kind: "mandelbrot", count: 24, parameters: { x: -0.7436, y: 0.1318, ...TILE } },
      { kind: "primes", count: 16, parameters: { n: 20_000_000 } },
      { kind: "sleep", count: 12, parameters: { ms: 700 } },
      { kind: "fail", count: 4, parameters: { message: "this job fails on purpose" } },
      {
        kind: "mandelbrot",
        count: 16,
        parameters: { x: -1.25, y: 0.02, ...TILE, iterations: 400 },
      },
      { kind: "primes", count: 12, parameters: { n: 8_000_000 } },
    ],
  },
  {
    name: "flood",
    title: "10,000 short jobs",
    about: "How fast jobs are handed out. The queue fills at once and empties.",
    jobs: [{ kind: "primes", count: 10_000, parameters: { n: 10_000 } }],
  },
  {
    name: "priorities",
    title: "Urgent among many",
    about: "60 naps, then 6 jobs of high priority that overtake them.",
    jobs: [
      { kind: "sleep", count: 60, parameters: { ms: 400 } },
      { kind: "primes", count: 6, priority: 10, parameters: { n: 8_000_000 } },
    ],
  },
  {
    name: "hosts",
    title: "Three hosts",
    about:
      "10 visits of each: two of one host at once, however many wait, and so many begin in a second.",
    jobs: ["example.org", "example.net", "example.com"].map((host) => ({
      kind: "visit",
      count: 10,
      parameters: { host, ms: 500 },
    })),
  },
];

/** The loads that can be run here, for one executor. */
export function sampleLoads(executor: ExecutorView): { load: SampleLoad; body: Submission[] }[] {
  return LOADS.filter(({ jobs }) =>
    jobs.every(({ kind }) => kindOf(kind)?.executors.includes(executor.name)),
  ).map((load) => ({
    load,
    body: load.jobs.map((job) => ({ ...job, executor: executor.name })),
  }));
}
