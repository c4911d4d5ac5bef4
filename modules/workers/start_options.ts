// What users say of how workers are started, and its checks: the environment, words, flags.

import { assertString, typeName } from "../core/checks.ts";
import { withCode } from "../core/errors.ts";

/**
 * Checks `env`. Each variable is read once, for it may be a getter.
 *
 * @throws {TypeError} For what is no record of strings.
 */
export function readEnv(env: unknown): Record<string, string | undefined> {
  if (typeof env !== "object" || env === null)
    throw withCode(
      new TypeError(`Cannot use env: expected a record of strings, got ${typeName(env)}`),
      "CF_INVALID_OPTION",
    );
  const variables = Object.entries(env);
  for (const [name, value] of variables)
    if (value !== undefined) assertString(value, `variable ${JSON.stringify(name)} of env`);
  return Object.fromEntries(variables);
}

/**
 * Checks a list of words, and returns a copy.
 *
 * @throws {TypeError} For what is no list of strings.
 */
export function readWords(words: unknown, name: string): string[] {
  if (!Array.isArray(words)) {
    const what = `Cannot use ${name}: expected a list of strings, got ${typeName(words)}`;
    throw withCode(new TypeError(what), "CF_INVALID_OPTION");
  }
  const read: unknown[] = [...words];
  for (const [at, word] of read.entries()) assertString(word, `${name}[${at}]`);
  return read as string[];
}
