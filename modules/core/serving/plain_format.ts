// plainFormat: what console.log() was given, as text; placeholders as in every console. For where the runtime has nothing for it.

/** Longer texts of one object are cut: nobody reads them in a line. */
const LONGEST = 2_000;

/** Makes one text of what a console was given. */
export function plainFormat(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== "string") return args.map(show).join(" ");
  const filled = first.replace(/%[sdifoOcj%]/g, (mark) => {
    if (mark === "%%") return "%";
    if (rest.length === 0) return mark;
    const arg = rest.shift();
    if (mark === "%c") return "";
    if (mark === "%s") return typeof arg === "object" ? show(arg) : String(arg);
    if (mark === "%i") return String(Math.trunc(Number(arg)));
    return mark === "%d" || mark === "%f" ? String(Number(arg)) : show(arg);
  });
  return [filled, ...rest.map(show)].join(" ");
}

function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.stack ?? String(value);
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value, plainly, 1).replace(/\n\s*/g, " ").slice(0, LONGEST);
  } catch {
    return String(value);
  }
}

/** What JSON knows nothing of, in the words of a console. */
function plainly(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name}]`;
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? Array.from(value as Uint8Array)
    : value;
}
