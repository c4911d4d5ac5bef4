// The code that is shown beside each form is whole: each is copied into a file beside jobs.ts, and run as a program of this runtime.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { EventLoopExecutor, type Executor } from "@concurrent/futures";
import { Executors } from "../../../modules/dashboard/executors.ts";
import { describeKind, KINDS } from "../kinds.ts";
import { POLITE } from "../polite.ts";
import { libraryCode } from "./library_code.ts";

const IS_BUN = "Bun" in globalThis;
const TEMP = fileURLToPath(new URL("../../../temp/", import.meta.url));

/** How those end that are there for it: each by its own error. All others print a result. */
const ENDS: Readonly<Record<string, RegExp>> = {
  fail: /this job fails on purpose/,
  exit: /WorkerLostError/,
  exhaust: /WorkerLostError/,
  uncloneable: /cannot cross/,
  lock: /WorkerLostError/,
  deadlock: /a deadlock/,
};

/** What is typed instead of what is there at first, to be done soon. */
const SHORT: Readonly<Record<string, object>> = {
  primes: { n: 1000 },
  sleep: { ms: 1 },
  spin: { ms: 1 },
  mandelbrot: { size: 16 },
  csvRows: { rows: 2, ms: 0 },
};

/** Runs a program that imports the shown ones one after another, and tells how each has ended. */
const DRIVER = `// Deno (2.9.6) never resolves an import() when two modules before have awaited something and thrown, and then nothing holds the program.
const hold = setInterval(() => {}, 60_000);
for (const name of process.argv.slice(2)) {
  const ended = await import(new URL(name + ".ts", import.meta.url).href).then(() => "well", String);
  console.log("ended " + name + ": " + ended.replaceAll("\\n", " "));
}
process.exit(0);
`;

test("the code beside each form runs as it is, in a file", async () => {
  await using loop = new EventLoopExecutor();
  // What the page knows of the server's executors, none of which runs anything here.
  const known: Record<string, Executor> = {
    threads: stub(),
    processes: stub(),
    loop,
    polite: loop,
  };
  const executors = new Executors(known, ["processes"], { polite: POLITE });
  mkdirSync(TEMP, { recursive: true });
  const folder = mkdtempSync(join(TEMP, "shown_"));
  const write = (name: string, text: string) => writeFileSync(join(folder, `${name}.ts`), text);
  const jobs = new URL("../jobs.ts", import.meta.url).pathname;
  write("jobs", `export * from ${JSON.stringify(jobs)};`);
  write("driver", `import process from "node:process";\n${DRIVER}`);
  const names: string[] = [];
  try {
    for (const kind of KINDS.values()) {
      // It takes half a gibibyte until it ends, and the code is the same but for the entry's name.
      if (IS_BUN && kind.name === "exhaust") continue;
      const described = describeKind(kind, executors);
      const first = described.executors[0] as string;
      for (const [executor, count] of first === "threads" && names.length === 0
        ? ([
            ["threads", 1],
            ["loop", 3],
          ] as const)
        : ([[first, 1]] as const)) {
        const name = `${kind.name}_${executor}`;
        names.push(name);
        const type = { threads: "ThreadPoolExecutor", processes: "ProcessPoolExecutor" };
        write(
          name,
          libraryCode({
            kind: described,
            parameters: { ...atFirst(described.parameters), ...SHORT[kind.name] },
            executor: {
              type: type[executor as keyof typeof type] ?? "EventLoopExecutor",
              sharesEventLoop: executors.sharesEventLoop(executor),
              limits: executor === "polite" ? POLITE : undefined,
            },
            runtime: IS_BUN ? "Bun 1" : "Deno 2",
            count,
            options: {},
            text: "a,b\nc,d\ne,f\n",
          }),
        );
      }
    }
    const driver = join(folder, "driver.ts");
    const flags = IS_BUN ? ["run"] : ["run", "--no-check", "-A"];
    const child = spawn(process.execPath, [...flags, driver, ...names], {
      env: { ...process.env, NO_COLOR: "1" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    const [code] = await once(child, "close");
    assert.equal(code, 0, output);
    for (const name of names) {
      const ended = new RegExp(`^ended ${name}: (.*)$`, "m").exec(output)?.[1];
      const [kind = ""] = name.split("_");
      assert.match(ended ?? output, ENDS[kind] ?? /^well$/, `${name}\n${output}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function stub(): Executor {
  return { observe() {} } as unknown as Executor;
}

function atFirst(parameters: Record<string, { default: unknown }>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, parameter.default]),
  );
}
