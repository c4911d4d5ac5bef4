// futures man: the man page, made of the same tables as the help.

import { FLAGS, TOPICS, VERBS } from "./flags.ts";
import { EXAMPLES, EXIT_CODES, flagTerm, PLACES } from "./help.ts";
import { print } from "./print.ts";
import { VERSION } from "./version.ts";

/** Prints it. */
export async function man(): Promise<number> {
  await print(manPage());
  return 0;
}

/** The page, in the language of man pages. */
export function manPage(): string {
  return [
    `.TH FUTURES 1 "" "futures ${VERSION}"`,
    ".SH NAME",
    "futures \\- call exported functions, or run shell commands, in parallel",
    ".SH SYNOPSIS",
    // A line without anything on it would be an empty one of the page.
    ...VERBS.flatMap(({ name, usage }) => [
      `.B futures ${name}`,
      ...(usage === "" ? [] : [roff(usage)]),
      ".br",
    ]),
    ".SH DESCRIPTION",
    ...VERBS.flatMap(({ name, text }) => [".TP", `.B ${name}`, roff(text)]),
    ".SH EXAMPLES",
    ...Object.values(EXAMPLES).flatMap((examples) =>
      examples.flatMap(({ wish, command }) => [
        ".PP",
        roff(wish),
        ".PP",
        ".EX",
        `  ${roff(command)}`,
        ".EE",
      ]),
    ),
    ".SH PLACES IN A COMMAND",
    ...PLACES.flatMap(([place, meaning]) => [".TP", `.B ${roff(place)}`, roff(meaning)]),
    ".SH OPTIONS",
    ...TOPICS.flatMap((topic) => [
      `.SS ${topic}`,
      ...FLAGS.filter((flag) => flag.topic === topic).flatMap((flag) => [
        ".TP",
        `.B ${roff(flagTerm(flag))}`,
        `${roff(flag.text)} (${flag.verbs.length === VERBS.length ? "all verbs" : flag.verbs.join(", ")})`,
      ]),
    ]),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, meaning]) => [".TP", `.B ${roff(code)}`, roff(meaning)]),
    "",
  ].join("\n");
}

/** Dashes are to be copied as they are, and a line must not begin like a macro. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/, "\\&");
}
