// What the nature of a queue rules out of the conformance suite, each with its reason.

const OWN_WORKERS =
  "its workers are agents, whose pools are their own: this is proved of those pools";
const NO_LINKS = "a queue carries outcomes: no call has a link to the program that waits for it";

/** Which cases, and why. */
const LEFT_OUT: readonly (readonly [cases: RegExp, why: string])[] = [
  [
    /^py-(19|39|64|65|70|75|83|91|92|98|103|104|106|109|111|112|119|120|129|132|133|134|136|139|143|144|145)$/,
    OWN_WORKERS,
  ],
  [
    /^(seam-3-silent|cf-shutdown-idle|cf-death-(break|idle)|cf-memory-pool)$|^cf-(actor|affinity|console|debug|resize|heartbeat|warm|finalizer|broadcast|initializer|workers|worker|terminate-worker|observe-worker|order-ended|order-shrunk|unobserved-broken|interrupt-abandoned|no-grace-terminateWorker|start|load-clock|terminate-in-worker-exited|idle-timeout|process-env|values-initializer)\b/,
    OWN_WORKERS,
  ],
  [
    /^cf-((option|numbers)-(?!maxQueue|name|onError)|unknown-option)/,
    "its options are others: connection_test.ts has them",
  ],
  [
    /^cf-(with-retries|context|stats|late-own-map|future-snapshot-observed|observe-order)$/,
    `it counts workers, calls them by name, or sets what they are made with; ${OWN_WORKERS}`,
  ],
  [
    /^cf-(crash-(throws-later|throws-meanwhile|rejects-unhandled)|late|hostile-progress-proxy|values-progress|values-late)\b/,
    "what a worker throws or refuses beside its tasks is told to its agent",
  ],
  [/^py-(116|118)$/, "agents go on; what is given up has the grace of the agent's pool"],
  [
    /^cf-(reentry-cancel|map-early-leave-queued|wrap-map-end)$/,
    "of what was sent nobody here knows whether it has begun: the queue gives back a moment later what it can",
  ],
  [
    /^cf-class-(crosses|nested|everywhere|initializer|faults|unknown)$/,
    "an agent reads values before its pool does: what registers their classes is to be imported there, too",
  ],
  [
    /^cf-values-(nested-deeply|nearly-empty-list)$/,
    "a queue's limits are narrower: codec_test.ts has them",
  ],
  [
    /^cf-(sync\b|channel\b|stream\b|flat\b|share\b|record\b|observe-hold|map-progress-flat|wrap-stream|decorate-stream|with-retries-on-error-stream|with-delay-map|pause$)/,
    NO_LINKS,
  ],
  [
    /^cf-(order|race|flood-short)\b/,
    "thousands of jobs for one worker one by one take too long; queue_test.ts has their order",
  ],
  [
    /^cf-with-retries-(delay|on-error-(pause|ends))\b/,
    "a call that pauses before it is run again keeps its place with its agent",
  ],
  [
    /^cf-(with-retries-on-predicate|wrap-retry$)/,
    "a function cannot be sent to an agent: refused at the call",
  ],
  [
    /^cf-(with-ttl|pause-cancel)\b/,
    "of what was sent nobody here knows whether it has begun: a ttl is refused at the call",
  ],
  [/^cf-(key|rate)\b/, "limits by rate are the queue's (`rateLimit`), and it has none by key"],
  [/^cf-pause-(queue|callback)$/, "what was sent goes on: pauseQueue() holds the queue itself"],
  [
    /^cf-(context-interleaved|wrap-single-flight-cancel)$/,
    "that a task runs is heard of when an agent has it, a moment before or after its code begins",
  ],
  [
    /^cf-map-timeout-interrupts$/,
    "what is given up is cancelled there, whatever it was given up for",
  ],
  [
    /^cf-(task-default-object|name|decorate)\b/,
    "the modules of all tasks are named when the executor is made, and these make their own",
  ],
];

/** Why a case is no matter of a queue; undefined if it is one. */
export function whyLeftOut(id: string): string | undefined {
  return LEFT_OUT.find(([cases]) => cases.test(id))?.[1];
}
