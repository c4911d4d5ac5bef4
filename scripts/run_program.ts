// Runs a program to its end, and fails with all it wrote if it does.

import { resolve } from "node:path";

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to its output.
 * @throws {Error} if it fails; the message has all it wrote.
 */
export function run(
  program: string,
  args: readonly string[],
  cwd = ".",
  env: Readonly<Record<string, string>> = {},
): string {
  const { success, stdout, stderr } = new Deno.Command(program, {
    args: [...args],
    cwd: resolve(cwd),
    env,
  }).outputSync();
  const [output = "", errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (success) return output;
  throw new Error(`Cannot run "${program} ${args.join(" ")}":\n${output}${errors}`);
}
