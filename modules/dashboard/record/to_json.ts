// Turns any value into JSON of bounded size, for people to look at: a result may be large, cyclic, or no data at all.

/** Characters of JSON that one value may become, about. */
const LIMIT = 64 * 1024;

const DEEPEST = 12;

/** Writes a value as JSON. What JSON has no word for becomes a text that names it; what is too much, one that says so. */
export function toJson(value: unknown): string {
  // By far the most common results, and there may be very many.
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (value === undefined || value === null) return "null";
  const budget = { left: LIMIT };
  return JSON.stringify(plain(value, budget, new Set()));
}

function plain(value: unknown, budget: { left: number }, above: Set<object>): unknown {
  budget.left -= 8;
  switch (typeof value) {
    case "string":
      return cut(value, budget);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "bigint":
      return `${cut(String(value), budget)}n`;
    case "undefined":
      return "undefined";
    case "function":
      return `[function ${value.name}]`;
    case "symbol":
      return String(value);
    default:
      return value === null ? null : plainObject(value as object, budget, above);
  }
}

function plainObject(value: object, budget: { left: number }, above: Set<object>): unknown {
  if (above.has(value)) return "[circular]";
  if (above.size >= DEEPEST) return "[nested deeper]";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid" : value.toISOString();
  if (value instanceof Error) return `${value.name}: ${cut(value.message, budget)}`;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.constructor.name} of ${value.byteLength} bytes]`;
  }
  above.add(value);
  try {
    if (Array.isArray(value)) return list(value, budget, above);
    if (value instanceof Set) return list(value, budget, above);
    return record(value instanceof Map ? value : Object.entries(value), budget, above);
  } catch (error) {
    // A getter of an in-process result may throw anything.
    return `[unreadable: ${error}]`;
  } finally {
    above.delete(value);
  }
}

function list(values: Iterable<unknown>, budget: { left: number }, above: Set<object>): unknown[] {
  const parts: unknown[] = [];
  for (const value of values) {
    if (budget.left <= 0) {
      parts.push("… and more");
      break;
    }
    parts.push(plain(value, budget, above));
  }
  return parts;
}

function record(
  entries: Iterable<[unknown, unknown]>,
  budget: { left: number },
  above: Set<object>,
): Record<string, unknown> {
  const parts: [string, unknown][] = [];
  for (const [key, value] of entries) {
    if (budget.left <= 0) {
      parts.push(["…", "and more"]);
      break;
    }
    parts.push([cut(String(key), budget), plain(value, budget, above)]);
  }
  // From entries, because assigning a key named "__proto__" would set a prototype instead.
  return Object.fromEntries(parts);
}

function cut(text: string, budget: { left: number }): string {
  const room = Math.max(0, budget.left);
  budget.left -= text.length;
  return text.length <= room ? text : `${text.slice(0, room)}… (${text.length} characters)`;
}
