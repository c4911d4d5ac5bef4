// The page's files: what is written, and what is bundled of it. No name a client sends ever becomes a path.

import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { answerError, Problem, quote } from "./problem.ts";

/** The dashboard's own page. */
const PAGE = new URL("./page/", import.meta.url);

const TYPES = new Map([
  ["html", "text/html; charset=utf-8"],
  ["css", "text/css; charset=utf-8"],
  ["js", "text/javascript; charset=utf-8"],
  ["svg", "image/svg+xml"],
]);

/** How a file is packed, the best first. Once for all visitors, so thoroughly; the last few percent would take a second. */
const PACKERS: readonly {
  readonly coding: string;
  pack(bytes: Uint8Array): Promise<Uint8Array>;
}[] = [
  {
    coding: "br",
    pack: (bytes) =>
      promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  },
  { coding: "gzip", pack: (bytes) => promisify(gzip)(bytes, { level: 9 }) },
];

/** A file as it was when it was last written, and what it has been packed into. */
interface Served {
  readonly writtenAt: number;
  readonly bytes: Uint8Array;
  readonly tag: string;
  readonly packed: Map<string, Promise<Uint8Array>>;
}

/** By address. There are as many as there are files of pages. */
const files = new Map<string, Served>();

/** Routes to a page and what it loads: the one of that folder, whose icon is the dashboard's. */
export function pageFiles(page: URL = PAGE): Hono {
  const bundle = new URL("./dist/", page);
  const routes = new Hono();
  // Where an app is mounted, its page is asked by itself (servePageAtBase), and answers for itself.
  routes.onError(answerError);
  routes.get("/", async (c) => {
    // Alone it would be an empty page, which says nothing.
    await readdir(bundle).catch(notBuilt);
    return await answer(c, "index.html", page);
  });
  routes.get("/icon.svg", withoutQuery, (c) => answer(c, "icon.svg", PAGE));
  // Compared to what lies there, so that a name is only ever one of those.
  routes.get("/:name{\\w+\\.(?:js|css)}", withoutQuery, async (c, next) => {
    const bundled = await readdir(bundle).catch(notBuilt);
    const name = bundled.find((file) => file === c.req.param("name"));
    return name === undefined ? await next() : await answer(c, name, bundle);
  });
  return routes;
}

/** A file has one address. By another query it would be another module, fetched and run once more. */
export const withoutQuery: MiddlewareHandler = async (c, next) => {
  const { search } = new URL(c.req.url);
  if (search !== "") {
    throw new Problem(400, `Cannot serve file: query ${quote(search)} means nothing to it`, {
      field: "query",
    });
  }
  return await next();
};

/** Answers with a file, packed as the client can unpack it; or with nothing but its tag, if the client has it. */
async function answer(c: Context, name: string, folder: URL): Promise<Response> {
  const file = await read(new URL(name, folder));
  const headers: Record<string, string> = {
    "content-type": TYPES.get(name.slice(name.lastIndexOf(".") + 1)) as string,
    // Asked for anew each time: the files may change under a running server, and they are near.
    "cache-control": "no-cache",
    etag: file.tag,
    vary: "accept-encoding",
  };
  const known = c.req.header("if-none-match")?.split(",") ?? [];
  if (known.some((tag) => tag.trim() === file.tag)) {
    return new Response(null, { status: 304, headers });
  }
  const taken = codingsOf(c.req.header("accept-encoding"));
  const packer = PACKERS.find(({ coding }) => taken.has(coding));
  if (packer === undefined) return whole(file.bytes, headers);
  const { coding, pack } = packer;
  const packed = file.packed.get(coding) ?? pack(file.bytes);
  file.packed.set(coding, packed);
  return whole(await packed, { ...headers, "content-encoding": coding });
}

function whole(bytes: Uint8Array, headers: Record<string, string>): Response {
  const length = String(bytes.byteLength);
  return new Response(new Uint8Array(bytes), { headers: { ...headers, "content-length": length } });
}

async function read(address: URL): Promise<Served> {
  const { mtimeMs: writtenAt } = await stat(address);
  const known = files.get(address.href);
  if (known?.writtenAt === writtenAt) return known;
  const bytes = await readFile(address);
  // Weak, because it is the same for the file and all that it is packed into.
  const tag = `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  const served: Served = { writtenAt, bytes, tag, packed: new Map() };
  files.set(address.href, served);
  return served;
}

/** The codings that a client takes; one of weight 0 it does not. */
function codingsOf(accepted = ""): Set<string> {
  const entries = accepted.toLowerCase().split(",");
  return new Set(
    entries.flatMap((entry) => {
      const [coding = "", ...parameters] = entry.split(";").map((part) => part.trim());
      return parameters.some((part) => /^q=0(\.0*)?$/.test(part)) ? [] : [coding];
    }),
  );
}

export function notBuilt(): never {
  throw new Problem(
    503,
    "Cannot serve page: it is not built yet, run `npm run build` in its checkout",
  );
}
