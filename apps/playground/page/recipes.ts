// Recipes: code to start from in the editor, each whole. They need nothing that a page or the server's sandbox does not have: no
// network, no file. What would come from there is made up in them.

import type { TypedCode } from "./here/typed_code.ts";

export interface CodeRecipe {
  readonly title: string;
  readonly typed: Pick<TypedCode, "code" | "name" | "mode"> & Partial<TypedCode>;
}

/** Calls a function once, with these arguments as JSON. */
function once(code: string, name: string, list: string): CodeRecipe["typed"] {
  return { code, name, mode: "list", list };
}

export const RECIPES: readonly CodeRecipe[] = [
  {
    title: "Big CSV",
    typed: {
      ...once("", "sumPart", ""),
      mode: "range",
      from: "0",
      to: "3",
      step: "1",
      code: `// A big CSV, in parts: each call adds up its own rows, and no call needs more than a line at a time.
const ROWS = 200_000;

/** The rows of one part. Yours would come from a file, from one byte to another. */
function* linesOf(part: number): Generator<string> {
  for (let row = 0; row < ROWS; row++) {
    yield \`\${part * ROWS + row},\${["north", "south", "east"][row % 3]},\${row % 97}\`;
  }
}

/** Adds up the third column, by the second. */
export function sumPart(part: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of linesOf(part)) {
    const [, region = "", amount] = line.split(",");
    sums[region] = (sums[region] ?? 0) + Number(amount);
  }
  console.log("part %d: %d rows", part, ROWS);
  return sums;
}
`,
    },
  },
  {
    title: "Pictures",
    typed: {
      ...once("", "blurred", ""),
      mode: "range",
      from: "0",
      to: "8",
      step: "4",
      code: `// Pictures: each call draws one and blurs it. A result of this shape is shown as a picture.
interface Picture {
  width: number;
  height: number;
  /** A byte for each pixel, row by row. */
  pixels: Uint8Array;
}

const SIZE = 160;

/** Rings, blurred by a box of so many pixels. */
export function blurred(radius: number): Picture {
  const drawn = new Uint8Array(SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const far = Math.hypot(x - SIZE / 2, y - SIZE / 2);
      drawn[y * SIZE + x] = 128 + 127 * Math.sin(far / 4);
    }
  }
  const pixels = new Uint8Array(SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      let sum = 0;
      let seen = 0;
      for (let v = Math.max(0, y - radius); v <= Math.min(SIZE - 1, y + radius); v++) {
        for (let u = Math.max(0, x - radius); u <= Math.min(SIZE - 1, x + radius); u++) {
          sum += drawn[v * SIZE + u] ?? 0;
          seen++;
        }
      }
      pixels[y * SIZE + x] = sum / seen;
    }
  }
  return { width: SIZE, height: SIZE, pixels };
}
`,
    },
  },
  {
    title: "Crawler with per-host limits",
    typed: once(
      `// A crawler that asks no host for more than two pages at once. An event loop runs what waits.
import { EventLoopExecutor } from "@concurrent/futures";

const HOSTS = ["a.example", "b.example", "c.example"];

/** How many pages of a host are under way, and how many were at most. */
const open = new Map<string, number>();
const most = new Map<string, number>();

/** Yours would be \`fetch\`; here there is no network. */
async function load(host: string, page: number): Promise<string[]> {
  const now = (open.get(host) ?? 0) + 1;
  open.set(host, now);
  most.set(host, Math.max(now, most.get(host) ?? 0));
  await new Promise((resolve) => setTimeout(resolve, 10));
  open.set(host, now - 1);
  return [\`https://\${host}/\${page + 1}\`];
}

export async function crawl(pages: number): Promise<Record<string, number>> {
  await using pool = new EventLoopExecutor({
    maxWorkers: 20,
    perKey: { maxRunning: 2, key: (_task, [host]) => String(host) },
  });
  const futures = HOSTS.flatMap((host) =>
    Array.from({ length: pages }, (_, page) => pool.submit(load, host, page)),
  );
  const links = (await Promise.all(futures)).flat();
  console.log("%d links, the last is %s", links.length, links.at(-1));
  return Object.fromEntries(most);
}
`,
      "crawl",
      "10",
    ),
  },
  {
    title: "Prime search by groups",
    typed: once(
      `// The first prime that any of several stretches has: the group interrupts the others then.
import { EventLoopExecutor, TaskGroup, taskContext } from "@concurrent/futures";

function isPrime(n: number): boolean {
  for (let factor = 2; factor * factor <= n; factor++) {
    if (n % factor === 0) return false;
  }
  return n > 1;
}

/** Looks from a number on, and breathes now and then, to hear that nobody wants the answer any more. */
async function searchFrom(start: number): Promise<number> {
  const { signal } = taskContext();
  for (let n = start; ; n++) {
    if (isPrime(n)) return n;
    if (n % 8 === 0) await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
  }
}

export async function firstPrime(near: number): Promise<number> {
  await using pool = new EventLoopExecutor();
  await using group = new TaskGroup<number>(pool, { deadline: 5_000 });
  for (let stretch = 0; stretch < 4; stretch++) group.submit(searchFrom, near + stretch * 1_000);
  return await group.any();
}
`,
      "firstPrime",
      "1000000\n1000000000\n1000000000000",
    ),
  },
  {
    title: "Streaming",
    typed: once(
      `// A stream: a task hands out what it has as it has it, and its reader leaves when there is enough.
import { EventLoopExecutor } from "@concurrent/futures";

async function* readings(): AsyncGenerator<number> {
  try {
    for (let n = 1; ; n++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      yield n * n;
    }
  } finally {
    console.log("the reader has left");
  }
}

export async function readUntil(most: number): Promise<number[]> {
  await using pool = new EventLoopExecutor();
  const read: number[] = [];
  for await (const reading of pool.stream(readings)) {
    if (reading > most) break;
    read.push(reading);
  }
  return read;
}
`,
      "readUntil",
      "100",
    ),
  },
  {
    title: "Locks",
    typed: once(
      `// A lock: of many that read, wait and write, one is inside at a time, so that no payment is lost.
import { EventLoopExecutor } from "@concurrent/futures";
import { Lock } from "@concurrent/futures/sync";

let balance = 0;

async function pay(till: Lock, amount: number): Promise<void> {
  using _lease = await till.acquire({ timeout: 5_000 });
  const before = balance;
  await new Promise((resolve) => setTimeout(resolve, 1));
  balance = before + amount;
}

export async function total(payments: number): Promise<number> {
  await using pool = new EventLoopExecutor({ maxWorkers: 8 });
  const till = new Lock({ name: "till" });
  await Promise.all(Array.from({ length: payments }, () => pool.submit(pay, till, 5)));
  return balance;
}
`,
      "total",
      "20",
    ),
  },
  {
    title: "Actor",
    typed: once(
      `// An actor: an object that lives on a worker, and is asked by its methods, one call after another.
import { EventLoopExecutor } from "@concurrent/futures";

class Account {
  #balance: number;

  constructor(balance: number) {
    this.#balance = balance;
  }

  add(amount: number): number {
    if (this.#balance + amount < 0) throw new RangeError("There is not that much");
    this.#balance += amount;
    return this.#balance;
  }
}

export async function bank(start: number): Promise<number> {
  await using pool = new EventLoopExecutor();
  await using account = await pool.actor(Account, start);
  await account.add(50);
  const refused = await account.add(-1_000).exception();
  console.log(String(refused));
  return await account.add(-30);
}
`,
      "bank",
      "100",
    ),
  },
];
