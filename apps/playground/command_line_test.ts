// Tests of the command line: what is understood, and how the rest is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainListenError, readCommandLine } from "./command_line.ts";

test("the address is 127.0.0.1:8000 unless an option or PORT says otherwise", () => {
  const rows: [args: string[], port: string | undefined, expected: [string, number]][] = [
    [[], undefined, ["127.0.0.1", 8000]],
    [[], "", ["127.0.0.1", 8000]],
    [[], "9000", ["127.0.0.1", 9000]],
    [["--port", "9001"], "9000", ["127.0.0.1", 9001]],
    [["--port=0"], undefined, ["127.0.0.1", 0]],
    [["--host", "localhost"], undefined, ["127.0.0.1", 8000]],
    [["--host", "::1", "--port", "65535"], undefined, ["::1", 65535]],
    [["--host=127.0.0.2"], undefined, ["127.0.0.2", 8000]],
  ];
  for (const [args, envPort, [hostname, port]] of rows) {
    assert.deepEqual(readCommandLine(args, envPort), { do: "start", hostname, port });
  }
});

test("--help wins over everything before it", () => {
  assert.deepEqual(readCommandLine(["--help"], "nonsense"), { do: "help" });
  assert.deepEqual(readCommandLine(["--port", "1", "-h"], undefined), { do: "help" });
});

test("what is not understood is refused by name", () => {
  const rows: [args: string[], port: string | undefined, named: RegExp][] = [
    [["--port"], undefined, /--port needs a value/],
    [["--port", "65536"], undefined, /--port must be a number from 0 to 65535, got "65536"/],
    [["--port", "-1"], undefined, /--port must be/],
    [["--port", "http"], undefined, /got "http"/],
    [["--port="], undefined, /got ""/],
    [[], "8e3", /PORT must be a number/],
    [["--host", "0.0.0.0"], undefined, /--host must be a loopback address, got "0.0.0.0"/],
    [["--host", "::"], undefined, /--host must be/],
    [["--host", "127.0.0.1.evil.example"], undefined, /--host must be/],
    [["--prot", "1"], undefined, /unknown argument "--prot"/],
    [["8000"], undefined, /unknown argument "8000"/],
  ];
  for (const [args, envPort, named] of rows) {
    const command = readCommandLine(args, envPort);
    assert.ok(command.do === "complain", args.join(" "));
    assert.match(command.about, named);
    assert.match(command.about, /^Cannot start playground: .*, see --help$/);
  }
});

test("explainListenError() says how to choose another port", () => {
  const taken = Object.assign(new Error("in use"), { code: "EADDRINUSE" });
  const line = explainListenError(taken, "127.0.0.1", 8000);
  assert.match(
    line,
    /^Cannot start playground: port 8000 on 127\.0\.0\.1 is taken, .*--port N or PORT=N/,
  );
  assert.doesNotMatch(line, /\n/);
});
