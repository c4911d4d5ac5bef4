// Runs a program to its end, and fails with all it wrote if it does.

import { resolve } from "node:path";

type Env = Readonly<Record<string, string>>;

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to its output.
 * @throws {Error} if it fails; the message has all it wrote.
 */
export function run(program: string, args: readonly string[], cwd = ".", env: Env = {}): string {
  const ended = new Deno.Command(program, { args: [...args], cwd: resolve(cwd), env }).outputSync();
  return outputOf(ended, program, args);
}

/** The same, while others run. */
export async function runAside(
  program: string,
  args: readonly string[],
  cwd = ".",
  env: Env = {},
): Promise<string> {
  const ended = await new Deno.Command(program, {
    args: [...args],
    cwd: resolve(cwd),
    env,
  }).output();
  return outputOf(ended, program, args);
}

function outputOf(ended: Deno.CommandOutput, program: string, args: readonly string[]): string {
  const [output = "", errors] = [ended.stdout, ended.stderr].map((bytes) =>
    new TextDecoder().decode(bytes),
  );
  if (ended.success) return output;
  throw new Error(`Cannot run "${program} ${args.join(" ")}":\n${output}${errors}`);
}
