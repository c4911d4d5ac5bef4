// Finds examples in Markdown and in doc comments, and what they say about running them.

/** A fenced block of TypeScript. */
export interface CodeBlock {
  /** Line of the opening fence, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** A block that is a file, because its first line names one. */
export interface ExampleFile {
  readonly line: number;
  /** File name, such as `primes.ts`. */
  readonly name: string;
  /** Commands that run it, such as `deno run --allow-read primes.ts`; none for a file others import. */
  readonly commands: readonly string[];
  readonly text: string;
}

/** The first line of a file: its name, and how it is run. */
const HEAD = /^\/\/ ([\w/]+\.ts)(?::\s+(.*))?\n/;

/** Finds the blocks fenced as `ts`, except those marked `ignore` as for `deno test --doc`. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const fences = markdown.matchAll(/^```(?:ts|typescript)\b([^\n]*)\n(.*?)^```$/gms);
  return [...fences]
    .filter(([, marks]) => !marks?.includes("ignore"))
    .map(({ index, 2: text = "" }) => ({ line: lineAt(markdown, index), text }));
}

/** Finds the blocks in the doc comments of a source file. */
export function docBlocks(source: string): CodeBlock[] {
  const comments = source.matchAll(/^[ \t]*\/\*\*.*?\*\//gms);
  return [...comments].flatMap(({ index, 0: comment }) =>
    codeBlocks(comment.replaceAll(/^[ \t]*\* ?/gm, "")).map(({ line, text }) => ({
      line: lineAt(source, index) + line - 1,
      text,
    })),
  );
}

/**
 * Reads the blocks that are files: `// tasks.ts` names one,
 * `// main.ts: deno run main.ts, or: bun main.ts` also says how it is run.
 */
export function exampleFiles(markdown: string): ExampleFile[] {
  return codeBlocks(markdown).flatMap(({ line, text }) => {
    const [, name] = HEAD.exec(text) ?? [];
    return name === undefined ? [] : [{ line, name, commands: commandsOf(text), text }];
  });
}

/** The commands that a file says it is run by, in its first line. */
export function commandsOf(text: string): string[] {
  const [, , commands = ""] = HEAD.exec(text) ?? [];
  return commands.split(/,? or:? /).filter((command) => command !== "");
}

/** Commands of tables that build an example into one file by Bun, which a test can run as they are. */
export function buildCommands(markdown: string): string[] {
  return [...markdown.matchAll(/^\|[^|\n]+\| `(bun build [^`]+)` \|$/gm)].map(
    ([, command = ""]) => command,
  );
}

/** Lines an example says it prints: what follows `//` after a `console.log(…);`. */
export function promisedOutput(text: string): string[] {
  return [...text.matchAll(/console\.log\(.*\);\s*\/\/ (.+)$/gm)].map(([, line = ""]) =>
    line.trim(),
  );
}

/** The first promised line that the output does not have, or has too early. */
export function missingLine(promised: readonly string[], output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.trim());
  let next = 0;
  for (const line of promised) {
    const found = lines.indexOf(line, next);
    if (found < 0) return line;
    next = found + 1;
  }
  return undefined;
}

/** Names of tasks a text tells its reader to run. */
export function mentionedTasks(markdown: string): string[] {
  return [...markdown.matchAll(/\bdeno(?:@[\d.]+)? task ([\w:]+)/g)].map(([, name = ""]) => name);
}

/** The same text with every line of a fenced block empty, so that lines keep their numbers. */
export function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^( *)(`{3,}|~{3,}).*?^\1\2 *$/gms, (block) =>
    block.replaceAll(/[^\n]+/g, ""),
  );
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
