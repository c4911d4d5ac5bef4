// The one table of verbs and flags: the command line is read by it, and help, completion and the man page are made of it.

/** What the command can be told to do. */
export type Verb =
  | "map"
  | "run"
  | "agent"
  | "doctor"
  | "playground"
  | "completion"
  | "man"
  | "help";

/** A verb, as people are told of it. */
export interface VerbText {
  readonly name: Verb;
  /** What follows the verb. */
  readonly usage: string;
  /** How many words that are no flags may follow it. */
  readonly words: number;
  readonly text: string;
}

/** All verbs, in the order of the help. */
export const VERBS: readonly VerbText[] = [
  {
    name: "map",
    usage: "MODULE#EXPORT [flags] [::: ARGUMENT…]",
    words: 1,
    text: "call an exported function once for each argument",
  },
  {
    name: "run",
    usage: "[flags] 'COMMAND {}' [::: ARGUMENT…]",
    words: Number.POSITIVE_INFINITY,
    text: "run a shell command once for each argument",
  },
  {
    name: "agent",
    usage: "TASKS… --queue NAME [flags]",
    words: Number.POSITIVE_INFINITY,
    text: "take jobs from a queue on Redis or Valkey, and run them here until SIGTERM",
  },
  {
    name: "doctor",
    usage: "[--seconds N]",
    words: 0,
    text: "say what works here, and how fast: what a bug report should contain",
  },
  {
    name: "playground",
    usage: "[flags]",
    words: 0,
    text: "start the playground, a page that shows pools at work",
  },
  {
    name: "completion",
    usage: "bash|zsh|fish",
    words: 1,
    text: "print a completion script for a shell",
  },
  { name: "man", usage: "", words: 0, text: "print the man page: futures man | man -l -" },
  { name: "help", usage: "[VERB]", words: 1, text: "explain the command, or one verb" },
];

/** What flags are about: the headings of the help. */
export const TOPICS = [
  "Queue",
  "Input",
  "Jobs",
  "Output",
  "Failures",
  "Workers",
  "General",
] as const;

/** One flag. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  readonly short?: string;
  /** What its value is called; a flag without one is a switch. */
  readonly value?: string;
  /** What its value can be, where that is a short list; or files. */
  readonly values?: readonly string[] | "files";
  readonly topic: (typeof TOPICS)[number];
  readonly verbs: readonly Verb[];
  readonly text: string;
}

const BOTH = ["map", "run"] as const;
const MAP = ["map"] as const;
const AGENT = ["agent"] as const;
const ALL = ["map", "run", "agent", "doctor", "playground", "completion", "man", "help"] as const;

/** All flags, in the order of the help. */
export const FLAGS: readonly Flag[] = [
  {
    name: "queue",
    value: "NAME",
    topic: "Queue",
    verbs: [...MAP, ...AGENT],
    text: "map: have the agents of this queue make the calls; agent: the queue that is served, or several: images,mail",
  },
  {
    name: "redis",
    value: "URL",
    topic: "Queue",
    verbs: [...MAP, ...AGENT],
    text: "its server (default: REDIS_URL, else redis://127.0.0.1:6379); jobs are to be signed with FUTURES_SECRET, where that is set",
  },
  {
    name: "insecure",
    topic: "Queue",
    verbs: [...MAP, ...AGENT],
    text: "let the password travel to another machine unencrypted",
  },
  {
    name: "name",
    value: "NAME",
    topic: "Queue",
    verbs: AGENT,
    text: "what the agent is called (default: its host and process)",
  },
  {
    name: "concurrency",
    value: "N",
    topic: "Jobs",
    verbs: AGENT,
    text: "how many jobs it runs at once, each in a worker (default: as many as there are cores)",
  },
  {
    name: "drain",
    value: "TIME",
    topic: "Jobs",
    verbs: AGENT,
    text: "how long jobs may run on that have begun when it is told to end (default: 10s)",
  },
  {
    name: "null",
    short: "0",
    topic: "Input",
    verbs: BOTH,
    text: "arguments on standard input end with a NUL byte instead of a line end",
  },
  {
    name: "arg-file",
    short: "a",
    value: "FILE",
    values: "files",
    topic: "Input",
    verbs: BOTH,
    text: "read arguments from a file instead of standard input",
  },
  {
    name: "jsonl",
    topic: "Input",
    verbs: BOTH,
    text: "each line is a JSON value, and a function gets it as such",
  },
  {
    name: "csv",
    value: "FILE",
    values: "files",
    topic: "Input",
    verbs: BOTH,
    text: "each row of a CSV file (- is standard input) is a call, its columns the arguments",
  },
  {
    name: "tsv",
    value: "FILE",
    values: "files",
    topic: "Input",
    verbs: BOTH,
    text: "the same with tabs",
  },
  {
    name: "header",
    topic: "Input",
    verbs: BOTH,
    text: "the first row names the columns: a row is one object, and {name} in a command its column",
  },
  {
    name: "glob",
    value: "PATTERN",
    topic: "Input",
    verbs: BOTH,
    text: "each file that matches is an argument, such as 'photos/**/*.jpg'",
  },
  {
    name: "jobs",
    short: "j",
    value: "N",
    topic: "Jobs",
    verbs: BOTH,
    text: "how many run at once: 8, 50% of the cores, +1 more than there are (default: 100%); with --queue, how many are handed in and not done (256)",
  },
  {
    name: "rate",
    value: "N/s",
    topic: "Jobs",
    verbs: [...BOTH, ...AGENT],
    text: "start at most so many in a second (or minute: N/m)",
  },
  {
    name: "key",
    value: "FIELD",
    topic: "Jobs",
    verbs: BOTH,
    text: "the rate counts for each value of this field or column by itself; host is the host of a URL",
  },
  {
    name: "delay",
    value: "TIME",
    topic: "Jobs",
    verbs: BOTH,
    text: "pause so long between two starts",
  },
  {
    name: "timeout",
    value: "TIME",
    topic: "Jobs",
    verbs: BOTH,
    text: "end a job that runs longer: 1s, 1000ms or 1000",
  },
  {
    name: "dry-run",
    short: "n",
    topic: "Jobs",
    verbs: BOTH,
    text: "print what would be run, and run nothing",
  },
  {
    name: "cwd",
    value: "DIR",
    values: "files",
    topic: "Jobs",
    verbs: ALL,
    text: "see paths and commands from this folder",
  },
  {
    name: "json",
    topic: "Output",
    verbs: MAP,
    text: "print strings as JSON too (other results always are)",
  },
  {
    name: "keep-order",
    short: "k",
    topic: "Output",
    verbs: BOTH,
    text: "print results in the order of the arguments",
  },
  {
    name: "tag",
    topic: "Output",
    verbs: BOTH,
    text: "begin each line with its argument and a tab",
  },
  {
    name: "line-buffer",
    topic: "Output",
    verbs: BOTH,
    text: "print lines as they come, those of several jobs mixed",
  },
  {
    name: "no-progress",
    topic: "Output",
    verbs: BOTH,
    text: "show no progress and no summary, only failures",
  },
  {
    name: "verbose",
    short: "v",
    topic: "Output",
    verbs: BOTH,
    text: "show a line for each running job",
  },
  {
    name: "trace",
    value: "FILE",
    values: "files",
    topic: "Output",
    verbs: BOTH,
    text: "write when each job ran, to be opened in Perfetto",
  },
  {
    name: "dashboard",
    topic: "Output",
    verbs: MAP,
    text: "show the run on a page of its own while it lasts; its address is printed first",
  },
  {
    name: "halt",
    value: "WHEN",
    values: ["soon,fail=1", "now,fail=1", "soon,fail=10%"],
    topic: "Failures",
    verbs: BOTH,
    text: "after so many failures start no more (soon,fail=3), or end all (now,fail=1, now,fail=10%)",
  },
  {
    name: "retries",
    value: "N",
    topic: "Failures",
    verbs: BOTH,
    text: "try a failed or lost job N times more",
  },
  {
    name: "joblog",
    value: "FILE",
    values: "files",
    topic: "Failures",
    verbs: BOTH,
    text: "write a line for each job that is done, in GNU parallel's columns",
  },
  {
    name: "resume",
    topic: "Failures",
    verbs: BOTH,
    text: "leave out arguments that the joblog says are done",
  },
  {
    name: "resume-failed",
    topic: "Failures",
    verbs: BOTH,
    text: "the same, but run those that failed again",
  },
  { name: "threads", topic: "Workers", verbs: MAP, text: "run calls in threads (the default)" },
  {
    name: "processes",
    topic: "Workers",
    verbs: MAP,
    text: "run calls in processes, which can crash and always be ended",
  },
  {
    name: "loop",
    topic: "Workers",
    verbs: MAP,
    text: "run calls on one event loop: for functions that only wait",
  },
  {
    name: "executor",
    value: "WHICH",
    values: ["processes", "threads"],
    topic: "Workers",
    verbs: AGENT,
    text: "what jobs run in: processes (the default) or threads",
  },
  {
    name: "memory-limit",
    value: "SIZE",
    topic: "Workers",
    verbs: [...MAP, ...AGENT],
    text: "what a worker may have, such as 512M",
  },
  {
    name: "permissions",
    value: "WHICH",
    values: ["none", "inherit"],
    topic: "Workers",
    verbs: [...MAP, ...AGENT],
    text: "what processes may do, on Deno: none or inherit",
  },
  {
    name: "seconds",
    value: "N",
    topic: "General",
    verbs: ["doctor"],
    text: "how long to measure (default: 10)",
  },
  {
    name: "port",
    value: "N",
    topic: "General",
    verbs: ["playground"],
    text: "where the playground listens (default: 8000)",
  },
  {
    name: "help",
    short: "h",
    topic: "General",
    verbs: ALL,
    text: "explain the command, or the verb before it",
  },
  { name: "version", short: "V", topic: "General", verbs: ["help"], text: "print the version" },
];
