// An item of the input: what a job is about, as its function gets it and as people see it.

/** A line, a file's name, a row of a table, or any JSON value. */
export type Item =
  | string
  | number
  | boolean
  | null
  | readonly Item[]
  | { readonly [name: string]: Item };

/** One thing to be done. */
export interface Job {
  /** Counts from 1, over everything that was read. */
  readonly seq: number;
  /** Counts from 0, over those that are to be done: the order of results. */
  readonly turn: number;
  readonly item: Item;
}

/** An item as people see it, and as the joblog knows it: a text as it is, anything else as JSON. */
export function labelOf(item: Item): string {
  return typeof item === "string" ? item : JSON.stringify(item);
}

/** The value of a field or column; undefined if there is none. `host` of a text that is a URL is its host. */
export function fieldOf(item: Item, name: string): string | undefined {
  if (typeof item === "string") return name === "host" ? URL.parse(item)?.host : undefined;
  if (typeof item !== "object" || item === null) return undefined;
  const own = Array.isArray(item)
    ? (item as readonly Item[])[Number(name) - 1]
    : (item as { readonly [name: string]: Item })[name];
  if (own !== undefined) return labelOf(own);
  if (name !== "host") return undefined;
  const texts = Object.values(item).filter((value) => typeof value === "string");
  return texts.map((text) => URL.parse(text)?.host).find((host) => host !== undefined);
}
