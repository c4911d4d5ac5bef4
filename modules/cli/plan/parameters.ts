// Reads from the source of a module what types the parameters of a function have, as far as they are written there.
//
// Types are gone when a module runs, and a parser of TypeScript is larger than all of this command. So this looks for the
// declaration by its text, and knows only types that a text can be turned into. What it does not know stays a text.

/** What a text is turned into. */
export type Kind = "number" | "boolean" | "bigint" | "date" | "url" | "json" | "text";

/** A parameter: what a text becomes, or the fields of a row. */
export interface Parameter {
  readonly name: string;
  readonly kind: Kind;
  readonly fields?: Readonly<Record<string, Kind>>;
  /** Takes all arguments that are left. */
  readonly isRest?: boolean;
}

const KINDS: Record<string, Kind> = {
  number: "number",
  boolean: "boolean",
  bigint: "bigint",
  Date: "date",
  URL: "url",
};

/** Finds the parameters of an exported function; undefined if its declaration is not found. */
export function readParameters(source: string, name: string): readonly Parameter[] | undefined {
  const text = withoutStringsAndComments(source);
  const list = parameterList(text, name);
  if (list === undefined) return undefined;
  const documented = documentedKinds(source, name);
  return splitAtCommas(list).map((parameter, at) => readParameter(parameter, text, documented, at));
}

/** Where a function of this name is declared, up to its parameters. */
function parameterList(text: string, name: string): string | undefined {
  const word = name.replaceAll("$", "\\$");
  const declared =
    name === "default"
      ? /export\s+default\s+(?:async\s+)?(?:function\b\s*\*?\s*[\w$]*\s*)?/g
      : new RegExp(
          `(?:\\bfunction\\s*\\*?\\s*${word}\\s*|\\b(?:const|let|var)\\s+${word}\\s*(?::[^=]+)?=\\s*(?:async\\s+)?(?:function\\b\\s*\\*?\\s*[\\w$]*\\s*)?|\\btask\\([^()]*(?:\\([^()]*\\))?[^()]*,\\s*(?:async\\s+)?function\\s*\\*?\\s*${word}\\s*)`,
          "g",
        );
  for (const { index, 0: found } of text.matchAll(declared)) {
    let at = index + found.length;
    if (text[at] === "<") at = closing(text, at) + 1;
    if (text[at] !== "(") continue;
    return text.slice(at + 1, closing(text, at));
  }
  return undefined;
}

const PAIRS: Record<string, string> = { "(": ")", "[": "]", "{": "}", "<": ">" };

/** The place of the bracket that closes the one at `start`; the end if none does. */
function closing(text: string, start: number): number {
  const open: string[] = [];
  for (let at = start; at < text.length; at++) {
    const character = text[at] as string;
    if (character === ">" && text[at - 1] === "=") continue;
    const closer = PAIRS[character];
    if (closer !== undefined) open.push(closer);
    else if (character === open.at(-1)) {
      open.pop();
      if (open.length === 0) return at;
    }
  }
  return text.length;
}

function splitAtCommas(list: string, separators = ","): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at <= list.length; at++) {
    if (at === list.length || separators.includes(list[at] as string)) {
      parts.push(list.slice(from, at).trim());
      from = at + 1;
    } else if ((list[at] as string) in PAIRS && !(list[at] === "<" && list[at + 1] === " ")) {
      at = closing(list, at);
    }
  }
  return parts.filter((part) => part !== "");
}

function readParameter(
  text: string,
  source: string,
  documented: ReadonlyMap<string, string>,
  at: number,
): Parameter {
  const isRest = text.startsWith("...");
  const [, declared = "", value = ""] =
    /^(?:\.\.\.)?([^=]*(?:=>[^=]*)*)(?:=(?!>)(.*))?$/s.exec(text) ?? [];
  const [, name = `argument ${at + 1}`, type = ""] =
    /^([\w$]+|[{[].*?[}\]])\s*\??\s*(?::(.*))?$/s.exec(declared.trim()) ?? [];
  const written = type.trim() || documented.get(name) || typeOfValue(value.trim());
  const element = isRest
    ? written.replace(/\[\]$/, "").replace(/^(?:readonly\s+)?(?:Array<(.*)>|(.*))$/, "$1$2")
    : written;
  const fields = fieldsOf(element, source);
  return {
    name,
    kind: kindOf(element),
    ...(fields === undefined ? {} : { fields }),
    ...(isRest ? { isRest } : {}),
  };
}

function kindOf(type: string): Kind {
  // `number | undefined` is a number.
  const [own = "", ...others] = type
    .split("|")
    .map((part) => part.trim())
    .filter((part) => part !== "undefined" && part !== "null");
  if (others.length > 0) return "text";
  if (/^(\{|readonly .*\[\]|Record<|Array<|\[)/.test(own) || own.endsWith("[]")) return "json";
  return KINDS[own] ?? "text";
}

function typeOfValue(value: string): string {
  if (/^-?[\d.][\w.]*$/.test(value)) return value.endsWith("n") ? "bigint" : "number";
  return value === "true" || value === "false" ? "boolean" : "";
}

/** The fields of an object type: written in place, or declared in the same file. */
function fieldsOf(type: string, source: string): Record<string, Kind> | undefined {
  const body = type.startsWith("{") ? type.slice(1, closing(type, 0)) : declaredBody(type, source);
  if (body === undefined) return undefined;
  const fields: Record<string, Kind> = {};
  for (const field of splitAtCommas(body, ",;\n")) {
    const [, name, kind = ""] =
      /^(?:readonly\s+)?["']?([\w$]+)["']?\s*\??\s*:(.*)$/s.exec(field) ?? [];
    if (name !== undefined) fields[name] = kindOf(kind.trim());
  }
  return fields;
}

function declaredBody(type: string, source: string): string | undefined {
  if (!/^[\w$]+$/.test(type)) return undefined;
  const declared = new RegExp(
    `\\b(?:interface\\s+${type.replaceAll("$", "\\$")}\\b[^{]*|type\\s+${type.replaceAll("$", "\\$")}\\s*=\\s*)\\{`,
  );
  const found = declared.exec(source);
  if (found === null) return undefined;
  const start = found.index + found[0].length - 1;
  return source.slice(start + 1, closing(source, start));
}

/** What a JSDoc comment before the declaration says of parameters: `@param {number} below`. */
function documentedKinds(source: string, name: string): Map<string, string> {
  const word = name === "default" ? "default" : name.replaceAll("$", "\\$");
  const comment =
    new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\\s*export\\s[^\\n(]*\\b${word}\\b`, "s").exec(
      source,
    )?.[1] ?? "";
  const kinds = new Map<string, string>();
  for (const [, type = "", parameter = ""] of comment.matchAll(
    /@param\s+\{([^}]*)\}\s+\[?([\w$]+)/g,
  ))
    kinds.set(parameter, type.trim());
  return kinds;
}

/** The same text with blanks for what only looks like code. */
function withoutStringsAndComments(source: string): string {
  return source.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g,
    (found) =>
      found.startsWith("/")
        ? found.replace(/[^\n]/g, " ")
        : `"${" ".repeat(Math.max(0, found.length - 2))}"`,
  );
}
