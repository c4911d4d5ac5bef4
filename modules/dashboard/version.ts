// The package's version, from the manifest that lies nearest above this file: in a checkout, in dist, or installed.

import { existsSync, readFileSync } from "node:fs";

const NAME = "@concurrent/futures";

export const VERSION = findVersion(new URL("./", import.meta.url));

function findVersion(folder: URL): string {
  const path = new URL("package.json", folder);
  const manifest = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {};
  if (manifest.name === NAME) return manifest.version;
  const above = new URL("../", folder);
  // The root of the disk is above itself.
  return above.href === folder.href ? "unknown" : findVersion(above);
}
