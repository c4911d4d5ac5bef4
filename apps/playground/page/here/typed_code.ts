// Typed code: what a visitor types into the code tab, and how it becomes calls. It stays in the page; shared, it travels in
// the fragment of the address, which browsers send to nobody.

/** All that the code tab holds. */
export interface TypedCode {
  readonly code: string;
  /** The export to call; the last one, where it is not chosen; or `WHOLE`. */
  readonly name: string;
  readonly mode: "list" | "range";
  /** One call a line: its arguments as JSON, separated by commas. */
  readonly list: string;
  readonly from: string;
  readonly to: string;
  readonly step: string;
  readonly timeout: string;
}

/** In place of an export's name, which it cannot be: nothing is called, the module is run as a program is. */
export const WHOLE = "*";

/** Bytes of what an address may hold, unpacked: a stranger may have made it. */
const MOST_SHARED = 1024 * 1024;

/** What is packed is unpacked by so many bytes at once: each may hold a thousand times as many. */
const PIECE = 1024;

/** Calls of one run at most. */
const MOST_CALLS = 10_000;

const EXPORT = /^\s*export\s+(?:async\s+)?(?:function\s*\*?|const|let|var)\s+([\w$]+)/gm;

export const EXAMPLE: TypedCode = {
  code: `// A task is a function that a module exports. This one runs in your own browser.
import { taskContext } from "@concurrent/futures";

interface Orbit {
  start: number;
  steps: number;
  highest: number;
}

/** Follows the Collatz sequences below a number, and finds the longest. */
export function longestOrbit(below: number): Orbit {
  const { progress } = taskContext();
  let longest: Orbit = { start: 1, steps: 0, highest: 1 };
  for (let start = 1; start < below; start++) {
    if (start % 100_000 === 0) progress(start / below);
    let [n, steps, highest] = [start, 0, start];
    while (n !== 1) {
      n = n % 2 === 0 ? n / 2 : 3 * n + 1;
      steps++;
      if (n > highest) highest = n;
    }
    if (steps > longest.steps) longest = { start, steps, highest };
  }
  console.log("below %d: %d takes %d steps", below, longest.start, longest.steps);
  return longest;
}
`,
  name: "",
  mode: "range",
  list: "1000\n100000",
  from: "100000",
  to: "800000",
  step: "100000",
  timeout: "10000",
};

/** The names that a module exports, in their order. */
export function exportsOf(code: string): string[] {
  return [...code.matchAll(EXPORT)].map(([, name]) => name as string);
}

/** The arguments of each call. Throws what to tell the reader. */
export function callsOf(typed: TypedCode): unknown[][] {
  if (typed.name === WHOLE) return [[]];
  const calls = typed.mode === "list" ? listed(typed.list) : ranged(typed);
  if (calls.length === 0)
    throw new RangeError("There is no call: type the arguments of one a line");
  if (calls.length > MOST_CALLS)
    throw new RangeError(`At most ${MOST_CALLS} calls may run at once`);
  return calls;
}

function listed(list: string): unknown[][] {
  return list.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(`[${line}]`) as unknown[]];
    } catch {
      throw new SyntaxError(`Line ${index + 1} of the arguments is no JSON: ${line.trim()}`);
    }
  });
}

function ranged({ from, to, step }: TypedCode): unknown[][] {
  const [first, last, by] = [from, to, step].map((text) =>
    text.trim() === "" ? Number.NaN : Number(text),
  );
  if (first === undefined || last === undefined || by === undefined || !(by > 0)) {
    throw new RangeError("The step must be a number above 0");
  }
  if (!Number.isFinite(first) || !Number.isFinite(last)) {
    throw new RangeError("The range must begin and end with a number");
  }
  const calls: unknown[][] = [];
  for (let n = first; n <= last && calls.length <= MOST_CALLS; n = first + calls.length * by) {
    calls.push([n]);
  }
  return calls;
}

/** The library's name leads to the runner, which hands it on: a worker knows no import map. */
export function withLibrary(javascript: string, library: string): string {
  return javascript.replace(
    /(\bfrom\s*|\bimport\s*)(["'])@concurrent\/futures(?:\/(?:sync|task))?\2/g,
    (_all, before: string) => `${before}${JSON.stringify(library)}`,
  );
}

/** The line of the typed code where an error was thrown, or one that it passed. */
export function lineIn(stack: string | null | undefined): number | undefined {
  const [, line] = /blob:[^\s()]*?:(\d+):\d+/.exec(stack ?? "") ?? [];
  return line === undefined ? undefined : Number(line);
}

const FRAGMENT = "#code=";

/** Packs it for the address. */
export async function toFragment(typed: TypedCode): Promise<string> {
  const whole = new Blob([JSON.stringify(typed)]);
  if (whole.size > MOST_SHARED) {
    throw new RangeError(`Cannot share code: it is larger than ${MOST_SHARED / 1024} KiB`);
  }
  const packed = whole.stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return FRAGMENT + text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Whether an address holds code, readable or not. */
export function holdsCode(fragment: string): boolean {
  return fragment.startsWith(FRAGMENT);
}

/** Unpacks it again; undefined, where the fragment holds none that can be read. */
export async function fromFragment(fragment: string): Promise<TypedCode | undefined> {
  // Packing may make it longer, by a third at most.
  if (!holdsCode(fragment) || fragment.length > 2 * MOST_SHARED) return undefined;
  try {
    const text = atob(fragment.slice(FRAGMENT.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const found: Partial<TypedCode> | null = JSON.parse(await unpack(bytes));
    // Whatever came, every field is a text of ours.
    const known = Object.entries(EXAMPLE).map(([key, fallback]) => {
      const value = found?.[key as keyof TypedCode];
      return [key, typeof value === "string" ? value : fallback];
    });
    const typed = Object.fromEntries(known) as unknown as TypedCode;
    return { ...typed, mode: typed.mode === "list" ? "list" : "range" };
  } catch {
    return undefined;
  }
}

/** Unpacks bytes piece by piece; throws as soon as there are too many. */
async function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  let given = 0;
  const pieces = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        if (given >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(given, given + PIECE));
        given += PIECE;
      },
    },
    // Nothing is given before it is asked for.
    { highWaterMark: 0 },
  );
  const unpacked = pieces.pipeThrough(new DecompressionStream("deflate-raw"));
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  // Leaving the loop ends the unpacking.
  for await (const piece of unpacked) {
    size += piece.byteLength;
    if (size > MOST_SHARED) throw new RangeError("Cannot read code: it is too large");
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
