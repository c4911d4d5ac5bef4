// Runs the examples of README.md and of the pages under docs as their reader would, and those in the doc comments of Bun's entry on Bun.
// A file of tests for `deno test`, kept out of the Deno suite by its name.

import assert from "node:assert/strict";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { bunPath } from "./bun.ts";
import {
  buildCommands,
  commandsOf,
  docBlocks,
  type ExampleFile,
  exampleFiles,
  mentionedTasks,
  missingLine,
  promisedOutput,
} from "./examples.ts";
import { serverForTests } from "./redis_server.ts";
import { sourceFiles } from "./source_files.ts";

/** Inside the repository, so that the package's own name resolves; ignored by git. */
const WORKSHOP = "temp/examples";

/** An example that takes longer hangs: they all end by themselves. */
const TIMEOUT_MS = 60_000;

/** Longer than this, and nobody reads it: what is more has a page of its own in docs/guide. */
const README_LINES = 150;

/** Has the files that examples of every page import. */
const START = "docs/guide/start.md";

/** What a reader may be told to type. */
const pages = ["README.md", "CONTRIBUTING.md", "examples/README.md", ...pagesOf("docs")].map(
  (path) => {
    const text = Deno.readTextFileSync(path);
    return { path, text, files: exampleFiles(text) };
  },
);
const shared = pages.find(({ path }) => path === START)?.files ?? [];

Deno.test("pages name only tasks that exist", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync("deno.json"));
  for (const { path, text } of pages)
    for (const task of mentionedTasks(text))
      assert.ok(task in tasks, `${path}: deno.json has no task "${task}"`);
});

Deno.test("README.md is short, and has an example for each runtime", () => {
  const [{ text, files } = assert.fail()] = pages;
  assert.ok(text.split("\n").length <= README_LINES, `more than ${README_LINES} lines`);
  for (const runtime of ["deno", "bun"]) {
    assert.ok(
      files.some(({ commands }) => commands.some((command) => command.startsWith(runtime))),
      `README.md has no example that starts with "// name.ts: ${runtime} ..."`,
    );
  }
});

for (const { path, text, files } of pages) {
  // All files of a page lie together, so that they can import each other.
  const beside = [...shared, ...files];
  for (const example of files)
    for (const command of example.commands)
      Deno.test(`${path}:${example.line}: ${command}`, () => runExample(beside, example, command));
  for (const command of buildCommands(text))
    Deno.test(`${path}: ${command}`, () => buildExample(command, beside));
}

// Those of the other folders need what is installed: scripts/check_install.ts and apps/bundled run them.
for (const folder of ["examples/fan_out", "examples/every_core"]) {
  const files: ExampleFile[] = Array.from(Deno.readDirSync(folder), ({ name }) => {
    const text = Deno.readTextFileSync(`${folder}/${name}`);
    return { line: 1, name, text, commands: commandsOf(text) };
  });
  for (const example of files)
    for (const command of example.commands)
      Deno.test(`${folder}: ${command}`, () => runExample(files, example, command));
}

for (const path of sourceFiles(["modules/bun"])) {
  for (const { line, text } of docBlocks(Deno.readTextFileSync(path))) {
    const name = `${path.replaceAll(/\W/g, "_")}_${line}.ts`;
    const example: ExampleFile = { line, name, text, commands: [] };
    Deno.test(`${path}:${line}: bun`, () => runExample([example], example, `bun ${name}`));
  }
}

async function runExample(
  files: readonly ExampleFile[],
  example: ExampleFile,
  command: string,
): Promise<void> {
  const folder = writeFiles(files);
  // Examples of a queue say where they look for its server.
  await using server = example.text.includes("REDIS_URL") ? await serverForTests() : undefined;
  try {
    const output = await run(command, folder, server && { REDIS_URL: server.url });
    const missing = missingLine(promisedOutput(example.text), output);
    assert.equal(missing, undefined, `"${command}" did not print it; its output:\n${output}`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The pages of a folder and of those in it. */
function pagesOf(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap(({ name, isDirectory }) => {
    if (isDirectory) return pagesOf(`${folder}/${name}`);
    return name.endsWith(".md") ? [`${folder}/${name}`] : [];
  });
}

/** Builds an example into one file, and runs that where nothing else is. */
async function buildExample(command: string, files: readonly ExampleFile[]): Promise<void> {
  const [, name = ""] = / (\w+\.ts) /.exec(command) ?? [];
  const [, built = ""] = /--outfile (\S+)$/.exec(command) ?? [];
  const example = files.find((file) => file.name === name);
  assert.ok(example, `there is no example "${name}"`);
  const folder = writeFiles(files);
  const empty = Deno.makeTempDirSync({ dir: WORKSHOP });
  try {
    await run(command, folder);
    Deno.renameSync(join(folder, built), join(empty, built));
    const start = built.endsWith(".js") ? `bun ${built}` : resolve(empty, built);
    const output = await run(start, empty);
    assert.equal(missingLine(promisedOutput(example.text), output), undefined, output);
  } finally {
    for (const left of [folder, empty]) Deno.removeSync(left, { recursive: true });
  }
}

function writeFiles(files: readonly ExampleFile[]): string {
  Deno.mkdirSync(WORKSHOP, { recursive: true });
  const folder = Deno.makeTempDirSync({ dir: WORKSHOP });
  for (const { name, text } of files) {
    Deno.mkdirSync(dirname(join(folder, name)), { recursive: true });
    Deno.writeTextFileSync(join(folder, name), text);
  }
  return folder;
}

async function run(
  command: string,
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  const [program, ...args] = command.split(/\s+/);
  const { code, stdout, stderr } = await new Deno.Command(programPath(program), {
    args,
    cwd,
    env,
    stdin: "null",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `"${command}" ended with ${code}:\n${output}${errors}`);
  return output ?? "";
}

function programPath(program: string | undefined): string {
  if (program === "deno") return Deno.execPath();
  if (program === "bun") return bunPath();
  if (program && isAbsolute(program)) return program;
  throw new Error(`Cannot run example: its command starts with "${program}", not with deno or bun`);
}
