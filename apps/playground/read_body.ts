// What a request's body says: JSON, or a form with a file.

import type { HonoRequest } from "hono";
import { Problem, quote } from "../../modules/dashboard/problem.ts";
import type { Upload } from "./kinds.ts";
import { readMultipart } from "./multipart.ts";

export interface Form {
  texts: Map<string, string>;
  file: Upload | undefined;
}

/** Reads a JSON body; an absent one is `undefined`. */
export async function readJson(request: HonoRequest): Promise<unknown> {
  const text = await request.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is: for nesting that is too deep, runtimes throw errors of different classes.
    throw new Problem(400, "Cannot read body: malformed JSON", { field: "body" });
  }
}

/** Reads a multipart form of texts and at most one file, named "file". */
export async function readForm(request: HonoRequest): Promise<Form> {
  const type = request.header("content-type") ?? "";
  const parts = readMultipart(type, new Uint8Array(await request.arrayBuffer()));
  if (parts === undefined) {
    throw new Problem(400, "Cannot read body: malformed multipart form", { field: "body" });
  }
  const texts = new Map<string, string>();
  let file: Upload | undefined;
  for (const { name, fileName, bytes } of parts) {
    if (texts.has(name) || (name === "file" && file !== undefined)) {
      throw wrong(name, "is given more than once");
    }
    if (fileName === undefined) texts.set(name, new TextDecoder().decode(bytes));
    // Copied, for the file may be kept, and the rest of the body need not.
    else if (name === "file") file = { name: fileName, bytes: bytes.slice() };
    else throw wrong(name, 'must be text, a file is sent as "file"');
  }
  return { texts, file };
}

function wrong(name: string, what: string): Problem {
  return new Problem(400, `Cannot read form: field ${quote(name)} ${what}`, { field: name });
}
