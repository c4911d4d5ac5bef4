// Makes of a result what is printed: a string as it is, bytes as they are, anything else as JSON.

/** Each but bytes with a line end. Undefined is nothing to print. */
export function textOf(value: unknown, json: boolean): string | Uint8Array | undefined {
  if (typeof value === "string" && !json) return value.endsWith("\n") ? value : `${value}\n`;
  if (value === undefined) return undefined;
  // As JSON has them, without its price.
  if (typeof value === "number") return Number.isFinite(value) ? `${value}\n` : "null\n";
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  const text = jsonOf(value);
  return text === undefined ? undefined : `${text}\n`;
}

/** What a function returned is no JSON. Nothing is wrong with a line of it. */
export class UnprintableError extends TypeError {
  override readonly name = "TypeError";
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, part) => asJson(part));
  } catch (error) {
    const [why = ""] = String((error as Partial<Error>)?.message ?? error).split("\n");
    throw new UnprintableError(`Cannot print the result: ${why}`);
  }
}

/** What JSON has no words for, and would leave out or print as `{}`. */
function asJson(part: unknown): unknown {
  if (typeof part === "bigint") return String(part);
  if (part instanceof Map || part instanceof Set) return [...part];
  if (!(part instanceof Error)) return part;
  const { name, message, cause } = part;
  const own: Record<string, unknown> = { ...part };
  return { name, message, cause, ...own };
}
