// carryValues: one runtime's share of the codec's nine directions. Without an argument it prints each kind of value as text, and
// what can be seen of it when it is made again here; given a file of such, it prints what can be seen of those.

import { readFileSync } from "node:fs";
import process from "node:process";
import { specimens, tellOf } from "../../testing/fixtures/specimens.ts";
import { decodeText, encodeText } from "../codec.ts";

/** A kind of value on its way. */
export interface Carried {
  readonly name: string;
  readonly text: string;
  /** What can be seen of it. */
  readonly told: string;
}

const LIMITS = { maxLength: 2 ** 20 };

function seen(name: string, text: string): string {
  return tellOf(name, decodeText(text, LIMITS)[0]);
}

async function encoded(): Promise<Carried[]> {
  const carried: Carried[] = [];
  for (const { name, make } of specimens) {
    let text: string;
    try {
      text = await encodeText([make()], LIMITS);
    } catch {
      continue; // This runtime has none, or it cannot cross.
    }
    carried.push({ name, text, told: seen(name, text) });
  }
  return carried;
}

function decoded(path: string): Carried[] {
  const carried: Carried[] = JSON.parse(readFileSync(path, "utf8"));
  return carried.map(({ name, text }) => {
    try {
      return { name, text, told: seen(name, text) };
    } catch (error) {
      return { name, text, told: `refused: ${(error as Error).name}` };
    }
  });
}

const path = process.argv[2];
console.log(JSON.stringify(path === undefined ? await encoded() : decoded(path)));
