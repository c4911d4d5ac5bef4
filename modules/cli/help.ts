// futures help: what the command can do, by examples first.

import type { CommandLine } from "./command_line.ts";
import { FLAGS, type Flag, TOPICS, VERBS, type Verb } from "./flags.ts";
import { print } from "./print.ts";
import { UsageError } from "./usage_error.ts";
import { VERSION } from "./version.ts";

/** An example: what somebody wants, and the command that does it. */
export interface Example {
  readonly wish: string;
  readonly command: string;
}

/** The examples of each verb that has some. */
export const EXAMPLES: Readonly<Partial<Record<Verb, readonly Example[]>>> = {
  map: [
    {
      wish: "Call an exported function for each file",
      command: "futures map ./jobs.ts#resize ::: photos/*.jpg",
    },
    {
      wish: "Read arguments from a pipe, ten requests a second to each host",
      command: "cat urls | futures map ./jobs.ts#title --loop --jobs 8 --rate 10/s --key host",
    },
    {
      wish: "Check the rows of a table, each an object; go on where an earlier run was stopped",
      command:
        "futures map ./rows.ts#check --csv in.csv --header --joblog log.tsv --resume > out.jsonl",
    },
    {
      wish: "Try what fails three times more, and give up at the first that fails for good",
      command: "futures map ./jobs.ts#load --retries 3 --halt now,fail=1 < names",
    },
    {
      wish: "Have other machines do it, where futures agent jobs=./jobs.ts --queue images runs",
      command:
        "futures map ./jobs.ts#resize --queue images --redis rediss://queue.example ::: *.jpg",
    },
  ],
  run: [
    {
      wish: "Run a command for each file: {} is the file, {.} the same without its extension",
      command: "futures run 'ffmpeg -i {} {.}.mp4' ::: *.mov",
    },
    {
      wish: "See what would be run",
      command: "futures run --dry-run 'mv {} {//}/{#}_{/}' ::: photos/*",
    },
    {
      wish: "Four at a time, each no longer than a minute, results in order",
      command: "futures run --jobs 4 --timeout 1m --keep-order 'ping -c1 {}' < hosts",
    },
    {
      wish: "Fill a command from the columns of a table",
      command: "futures run --csv people.csv --header 'mkdir -p {team}/{name}'",
    },
  ],
  agent: [
    {
      wish: "Serve a module's functions, under the name that programs know it by",
      command: "futures agent jobs=./jobs.ts --queue images --redis redis://127.0.0.1:6379",
    },
    {
      wish: "Serve a table of modules; four jobs at once, a hundred a second over all agents",
      command:
        "futures agent ./tasks.ts --queue images,mail --concurrency 4 --rate 100/s --drain 30s",
    },
  ],
};

/** What the exit code means. */
export const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ["0", "all jobs are done"],
  ["1 to 100", "so many failed"],
  ["101", "more than 100 failed"],
  ["102", "wrong use, or the run is impossible"],
  [
    "130",
    "ended by Ctrl-C: once stops the intake, twice interrupts what runs, three times ends at once",
  ],
  ["141", "nobody reads the results any more"],
];

/** The places of a command, and what fills them. */
export const PLACES: readonly (readonly [place: string, meaning: string])[] = [
  ["{}", "the argument; at the end of a command without any place"],
  ["{.}", "without its extension"],
  ["{/}", "the name of the file, without its folder"],
  ["{//}", "its folder"],
  ["{/.}", "the name without folder and extension"],
  ["{#}", "the number of the job, from 1"],
  ["{%}", "the number of the slot it runs in, from 1 to --jobs"],
  ["{1} {name}", "a column of --csv and --tsv, a field of --jsonl"],
];

/** Prints the help of the command, or of one verb. */
export async function help({ verb, words, flags }: CommandLine): Promise<number> {
  if (flags.version) {
    await print(`${VERSION}\n`);
    return 0;
  }
  const wanted = verb === "help" ? words[0] : verb;
  if (wanted !== undefined && !VERBS.some(({ name }) => name === wanted))
    throw new UsageError(
      `Cannot help with "${wanted}": there is no such verb; futures help lists them`,
    );
  await print(wanted === undefined || wanted === "help" ? overview() : helpOf(wanted as Verb));
  return 0;
}

/** The help of the whole command. */
export function overview(): string {
  const width = Math.max(...VERBS.map(({ name }) => name.length));
  return [
    "futures: calls exported functions, or runs shell commands, in parallel",
    "",
    ...exampleLines([...(EXAMPLES.map?.slice(0, 2) ?? []), ...(EXAMPLES.run?.slice(0, 2) ?? [])]),
    "Verbs:",
    ...VERBS.map(({ name, text }) => `  ${name.padEnd(width)}  ${text}`),
    "",
    "futures help VERB explains one, with all its flags.",
    "",
    ...exitCodeLines(),
  ].join("\n");
}

/** The help of one verb. */
export function helpOf(verb: Verb): string {
  const { usage, text } = VERBS.find(({ name }) => name === verb) as (typeof VERBS)[number];
  const examples = EXAMPLES[verb] ?? [];
  return [
    `futures ${verb} ${usage}`.trim(),
    `  ${text}`,
    "",
    ...exampleLines(examples),
    ...(verb === "run"
      ? [
          "Places in a command:",
          ...PLACES.map(([place, meaning]) => `  ${place.padEnd(12)}${meaning}`),
          "",
        ]
      : []),
    ...flagLines(verb),
    ...(verb === "map" || verb === "run" ? exitCodeLines() : []),
  ].join("\n");
}

/** How a flag is written. */
export function flagTerm({ name, short, value }: Flag): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

function exampleLines(examples: readonly Example[]): string[] {
  return examples.flatMap(({ wish, command }) => [`  # ${wish}`, `  ${command}`, ""]);
}

function flagLines(verb: Verb): string[] {
  const flags = FLAGS.filter(({ verbs }) => verbs.includes(verb));
  const width = Math.max(...flags.map((flag) => flagTerm(flag).length));
  return TOPICS.flatMap((topic) => {
    const own = flags.filter((flag) => flag.topic === topic);
    if (own.length === 0) return [];
    return [
      `${topic}:`,
      ...own.map((flag) => `  ${flagTerm(flag).padEnd(width)}  ${flag.text}`),
      "",
    ];
  });
}

function exitCodeLines(): string[] {
  return [
    "Exit code:",
    ...EXIT_CODES.map(([code, meaning]) => `  ${code.padEnd(10)}${meaning}`),
    "",
  ];
}
