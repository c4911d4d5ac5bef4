// The site for programs that read: llms.txt, a list of its pages, and llms-full.txt, the text of those that users need.

import { linkOf } from "./contents.ts";
import type { Page } from "./pages.ts";

/** What is told of ourselves first. */
const HEAD = `# @concurrent/futures

> Python's concurrent.futures for TypeScript: submit functions to threads, to processes or to the event loop of Deno, Bun, Node
> and pages, and get a Future for each, which can be awaited, cancelled, watched, or waited for with others.
`;

/** How it is made: not for users, and long. */
const NOT_FOR_USERS =
  /^(decisions\/|architecture|benchmarks|changelog|contributing|code_of_conduct)/;

/** The list, as https://llmstxt.org has it. */
export function shortText(pages: readonly Page[], home: string): string {
  const lines = (of: readonly Page[]) =>
    of.map(({ title, path, about }) => `- [${title}](${home}${linkOf(path).slice(1)}): ${about}`);
  const [users, others] = [forUsers(pages), pages.filter(({ path }) => NOT_FOR_USERS.test(path))];
  return `${HEAD}\n## Pages\n\n${lines(users).join("\n")}\n\n## Optional\n\n${lines(others).join("\n")}\n`;
}

/** The pages that users need, whole. */
export function fullText(pages: readonly Page[], home: string): string {
  const whole = forUsers(pages).map(
    ({ path, text }) => `<!-- ${home}${linkOf(path).slice(1)} -->\n\n${text.trim()}\n`,
  );
  return `${HEAD}\n${whole.join("\n\n")}`;
}

function forUsers(pages: readonly Page[]): Page[] {
  return pages.filter(({ path }) => !NOT_FOR_USERS.test(path));
}
