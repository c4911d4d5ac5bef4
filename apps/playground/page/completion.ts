// Completion of the library's own names in the editor: what can be imported, and what a value of it has. It knows the names
// and follows no types (docs/decisions/0060): a value's members are found where it is made or declared in the same text.

import NAMES from "library-names";

/** What the editor tells of a place, as far as it is asked. */
interface Place {
  readonly pos: number;
  /** Whether the reader asked for names, by a key. */
  readonly explicit: boolean;
  readonly state: { readonly doc: { toString(): string } };
  matchBefore(pattern: RegExp): { readonly from: number; readonly text: string } | null;
}

interface Named {
  readonly name: string;
  readonly about: string;
}

const BY_NAME = new Map(NAMES.map((each) => [each.name, each]));

/** What can stand at a place in the code, of the library. */
export function completeLibrary(context: Place) {
  const word = context.matchBefore(/[\w$]*/);
  if (word === null) return null;
  const text = context.state.doc.toString();
  const [before, after] = [text.slice(0, word.from), text.slice(context.pos)];
  const found = membersAt(text, before) ?? bracedAt(before, after);
  if (found !== undefined) return resultOf(word.from, found, "property");
  if (word.text === "" && !context.explicit) return null;
  const imported = NAMES.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(importsOf(text)));
  return resultOf(word.from, imported, "function");
}

function resultOf(from: number, named: readonly Named[], type: string) {
  const options = named.map(({ name, about }) => ({ label: name, type, info: about, boost: 1 }));
  return { from, options, validFor: /^[\w$]*$/ };
}

/** After a point: the members of what stands before it. */
function membersAt(text: string, before: string): readonly Named[] | undefined {
  const [, called, name] = /(?:\b([\w$]+)\([^()]*\)|\b([\w$]+))\??\.$/.exec(before) ?? [];
  if (called !== undefined) return BY_NAME.get(called)?.members;
  if (name === undefined) return undefined;
  // Where it is made, by a call or by `new`; or where its type is said.
  const made = new RegExp(
    `\\b${name.replaceAll("$", "\\$")}\\s*(?:=\\s*(?:await\\s+)?(?:new\\s+)?|:\\s*)([A-Za-z]\\w*)`,
  );
  const [, of = ""] = made.exec(text) ?? [];
  return BY_NAME.get(of)?.members;
}

/** Between braces: what can be imported, or taken out of what a call gives. */
function bracedAt(before: string, after: string): readonly Named[] | undefined {
  if (!/\{[^{}]*$/.test(before)) return undefined;
  if (/^[^{}]*\}\s*from\s*["']@concurrent\/futures/.test(after)) {
    return /\bimport\s+type\s*\{[^{}]*$/.test(before)
      ? NAMES
      : NAMES.filter(({ isType }) => !isType);
  }
  const [, called = ""] = /^[^{}]*\}\s*=\s*(?:await\s+)?([\w$]+)\(/.exec(after) ?? [];
  return BY_NAME.get(called)?.members;
}

function importsOf(text: string): string {
  const imports = text.matchAll(
    /\bimport\s+(?:type\s+)?\{([^{}]*)\}\s*from\s*["']@concurrent\/futures/g,
  );
  return [...imports].map(([, names]) => names).join();
}
