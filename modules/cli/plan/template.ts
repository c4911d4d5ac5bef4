// A shell command with places for its argument: {} {.} {/} {//} {/.} {#} {%}, as GNU parallel has them, {1} and {name}.

import { fieldOf, type Item, labelOf } from "../input/item.ts";

/** What fills the places. */
export interface Filling {
  readonly item: Item;
  readonly seq: number;
  readonly slot: number;
}

type Part = string | ((filling: Filling) => string);

/** A field's name is a word: `{a,b}` and `{ x; }` are the shell's. */
const PLACE = /\{(\}|\.\}|\/\}|\/\/\}|\/\.\}|#\}|%\}|[\p{L}\p{N}_-]+\})/gu;

const PLACES: Record<string, (filling: Filling) => string> = {
  "{}": ({ item }) => quote(labelOf(item)),
  "{.}": ({ item }) => quote(withoutExtension(labelOf(item))),
  "{/}": ({ item }) => quote(baseName(labelOf(item))),
  "{//}": ({ item }) => quote(folderOf(labelOf(item))),
  "{/.}": ({ item }) => quote(withoutExtension(baseName(labelOf(item)))),
  "{#}": ({ seq }) => String(seq),
  "{%}": ({ slot }) => String(slot),
};

/**
 * Reads a command. One without any place gets its argument at its end.
 *
 * @returns Fills the places; what is filled in is quoted for the shell.
 */
export function readTemplate(command: string): (filling: Filling) => string {
  const parts: Part[] = [];
  let at = 0;
  for (const { 0: place, index } of command.matchAll(PLACE)) {
    parts.push(command.slice(at, index), PLACES[place] ?? fieldPlace(place));
    at = index + place.length;
  }
  parts.push(command.slice(at));
  if (parts.length === 1) parts.push(" ", PLACES["{}"] as Part);
  return (filling) =>
    parts.map((part) => (typeof part === "string" ? part : part(filling))).join("");
}

/** A column's number or name. What is none stays as it is. */
function fieldPlace(place: string): Part {
  const name = place.slice(1, -1);
  return ({ item }) => {
    if (typeof item === "string" && name === "1") return quote(item);
    const value = typeof item === "string" ? undefined : fieldOf(item, name);
    return value === undefined ? place : quote(value);
  };
}

/** Quotes a text for a POSIX shell, if it has to be. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  if (end < 0) return ".";
  return end === 0 ? "/" : path.slice(0, end);
}

function withoutExtension(path: string): string {
  return path.replace(/(?<=[^/])\.[^./]*$/, "");
}
