// Tests of multipart forms: names and bytes arrive as they were sent, and what is no form is told so.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobRow } from "../../modules/dashboard/contract.ts";
import { problem } from "../../modules/dashboard/fixture.ts";
import { fixture } from "./fixture.ts";
import { readMultipart } from "./multipart.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Names of files that mean something in a header, or to one of its readers. */
const NAMES = [
  "a=b;c.txt",
  "a; filename=b.txt",
  'a"b.txt',
  'a"; filename="b.txt',
  "a\\b.txt",
  "a\\",
  "a\r\nb: c.txt",
  "100%.txt",
  "%41.txt",
  "ü 漢字 🙂.txt",
  " blank ",
  "'single'.txt",
  "a,b.txt",
  "name=.txt",
  "--x",
  ";",
  "=",
];

/** Escapes a name as the Fetch standard has browsers do it. */
function escaped(name: string): string {
  return name.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll('"', "%22");
}

for (const name of NAMES) {
  test(`a file named ${JSON.stringify(name)} arrives under that name`, async () => {
    await using playground = fixture();
    const form = [
      ...['--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nsha256\r\n'],
      ...['--x\r\nContent-Disposition: form-data; name="executor"\r\n\r\nloop\r\n'],
      `--x\r\nContent-Disposition: form-data; name="file"; filename="${escaped(name)}"\r\n`,
      "Content-Type: application/octet-stream\r\n\r\nabc\r\n--x--\r\n",
    ].join("");
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const response = await playground.post("/api/jobs", form, headers);
    assert.equal(response.status, 202, await response.clone().text());
    const { jobs } = (await response.json()) as { jobs: JobRow[] };
    assert.deepEqual(jobs[0]?.file, { name, bytes: 3 });
  });
}

test("what this runtime makes of a form is read again, whatever bytes are in it", async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * i) >> 3);
  bytes.set(encoder.encode("\r\n--\r\n------"), 100);
  const form = new FormData();
  form.set("text", "ü=;\r\n--");
  form.set("empty", "");
  form.set("a=b;c", "field");
  form.set("file", new File([bytes], "a=b;c.txt"));
  const { headers, body } = new Response(form);
  const read = readMultipart(
    headers.get("content-type") ?? "",
    new Uint8Array(await new Response(body).arrayBuffer()),
  );
  assert.deepEqual(
    read?.slice(0, 3).map(({ name, fileName, bytes }) => [name, fileName, decoder.decode(bytes)]),
    [
      ["text", undefined, "ü=;\r\n--"],
      ["empty", undefined, ""],
      ["a=b;c", undefined, "field"],
    ],
  );
  assert.equal(read?.[3]?.fileName, "a=b;c.txt");
  assert.deepEqual(read?.[3]?.bytes, bytes);
});

const PART = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n';
const TYPE = "multipart/form-data; boundary=x";

const NO_FORMS: [what: string, type: string, body: string][] = [
  ["nothing", TYPE, ""],
  ["no boundary", "multipart/form-data", `${PART}--x--`],
  ["an empty boundary", 'multipart/form-data; boundary=""', `${PART}--x--`],
  ["a boundary beyond the standard's", `multipart/form-data; boundary=${"x".repeat(71)}`, ""],
  ["another boundary", TYPE, "--y\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--y--"],
  ["no end", TYPE, PART],
  ["half a part", TYPE, '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb'],
  ["half a header", TYPE, "--x\r\nContent-Dispo"],
  ["a part without a header", TYPE, "--x\r\n\r\nb\r\n--x--"],
  ["a part without a name", TYPE, "--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--"],
  [
    "a name without an end",
    TYPE,
    '--x\r\nContent-Disposition: form-data; name="a\r\n\r\nb\r\n--x--',
  ],
  ["a header that never ends", TYPE, `--x\r\nA: ${"a".repeat(9000)}\r\n\r\nb\r\n--x--`],
  ["too many parts", TYPE, `${PART.repeat(101)}--x--`],
];

for (const [what, type, body] of NO_FORMS) {
  test(`${what} is no form`, async () => {
    assert.equal(readMultipart(type, encoder.encode(body)), undefined);
    await using playground = fixture();
    const response = await playground.post("/api/jobs", body, { "content-type": type });
    await problem(response, 400, "body");
  });
}

test("what stands around the parts is for nobody", () => {
  const body = encoder.encode(`preamble\r\n${PART}--x-- \r\nepilogue`);
  const read = readMultipart('multipart/form-data; charset=utf-8; boundary="x"', body);
  assert.deepEqual(
    read?.map(({ name, bytes }) => [name, decoder.decode(bytes)]),
    [["a", "b"]],
  );
});

test("a form of the largest size is read at once, whatever it is filled with", () => {
  for (const filling of ["\r", "\r\n", "-", "\r\n--", "\r\n--x"]) {
    const body = encoder.encode(PART.replace("b", filling.repeat((10 << 20) / filling.length)));
    const began = performance.now();
    readMultipart(TYPE, body);
    assert.ok(performance.now() - began < 5000, JSON.stringify(filling));
  }
});
