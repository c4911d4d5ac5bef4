// The catalogue: the kinds of jobs that have a title. A dashboard has none: there a kind is the name of a function.

import { signal } from "@preact/signals";

/** A kind of jobs, as far as it is shown. */
export interface Kind {
  readonly name: string;
  readonly title: string;
}

export const kinds = signal<readonly Kind[]>([]);

/** What people call a kind. */
export function kindTitle(name: string): string {
  return kinds.value.find((kind) => kind.name === name)?.title ?? name;
}
