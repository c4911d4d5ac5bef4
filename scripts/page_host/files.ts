// The file system of a page under test: the few calls of node/fs.ts, done in a folder of the host's.

import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, normalize } from "node:path";

/** One call as the page sends it. */
export interface FileCall {
  readonly name: string;
  /** A path first, seen from the folder, and a text where there is one to write. */
  readonly args: readonly [path: string, text?: string];
}

/** Does a call in `folder`; no path leads out of it. */
export function callFile(folder: string, { name, args: [path, text = ""] }: FileCall): unknown {
  // What is made absolute first cannot climb above its root.
  const there = join(folder, normalize(join("/", path)));
  switch (name) {
    case "appendFileSync":
      return appendFileSync(there, text);
    case "existsSync":
      return existsSync(there);
    case "mkdtempSync":
      return mkdtempSync(there).slice(folder.length);
    case "readFileSync":
      return readFileSync(there, "utf8");
    case "rmSync":
      return rmSync(there, { recursive: true, force: true });
    case "writeFileSync":
      return writeFileSync(there, text);
    default:
      throw new TypeError(`Cannot call "${name}": a page has no such function`);
  }
}
