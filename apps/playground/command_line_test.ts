// Tests of the command line: what is understood, and how the rest is refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainListenError, readCommandLine } from "./command_line.ts";

/** What is started where no option says otherwise. */
const DEFAULTS = {
  do: "start",
  hostname: "127.0.0.1",
  port: 8000,
  names: [],
  token: false,
  allowCode: false,
  history: "temp/playground/history.sqlite",
  keepJobs: undefined,
  keepDays: undefined,
};

test("what no option says is as the help says", () => {
  const rows: [args: string[], port: string | undefined, changed: object][] = [
    [[], undefined, {}],
    [[], "", {}],
    [[], "9000", { port: 9000 }],
    [["--port", "9001"], "9000", { port: 9001 }],
    [["--port=0"], undefined, { port: 0 }],
    [["--host", "localhost"], undefined, {}],
    [["--host", "::1", "--port", "65535"], undefined, { hostname: "::1", port: 65535 }],
    [["--host=127.0.0.2"], undefined, { hostname: "127.0.0.2" }],
    [["--token"], undefined, { token: true }],
    [["--allow-code"], undefined, { allowCode: true, token: true }],
    [["--name", "box", "--name=crate"], undefined, { names: ["box", "crate"] }],
    [["--memory"], undefined, { history: undefined }],
    [["--history", "a.sqlite"], undefined, { history: "a.sqlite" }],
    [["--keep-jobs", "10", "--keep-days=2"], undefined, { keepJobs: 10, keepDays: 2 }],
  ];
  for (const [args, envPort, changed] of rows) {
    assert.deepEqual(readCommandLine(args, envPort), { ...DEFAULTS, ...changed });
  }
});

test("an address beyond loopback needs a token, whether it is asked for or not", () => {
  for (const host of ["0.0.0.0", "::", "192.0.2.7"]) {
    const command = readCommandLine(["--host", host], undefined);
    assert.ok(command.do === "start" && command.token, host);
  }
});

test("--help wins over everything before it", () => {
  assert.deepEqual(readCommandLine(["--help"], "nonsense"), { do: "help" });
  assert.deepEqual(readCommandLine(["--port", "1", "-h"], undefined), { do: "help" });
});

test("what is not understood is refused by name", () => {
  const rows: [args: string[], port: string | undefined, named: RegExp][] = [
    [["--port"], undefined, /--port needs a value/],
    [["--allow-code", "--host", "0.0.0.0"], undefined, /--allow-code is for this machine only/],
    [["--allow-code", "--host", "192.0.2.7"], undefined, /--allow-code is for this machine only/],
    [["--allow-code", "--name", "box"], undefined, /--allow-code is for this machine only/],
    [["--port", "65536"], undefined, /--port must be a number from 0 to 65535, got "65536"/],
    [["--port", "-1"], undefined, /--port must be/],
    [["--port", "http"], undefined, /got "http"/],
    [["--port="], undefined, /got ""/],
    [[], "8e3", /PORT must be a number/],
    [["--host", "example.com"], undefined, /--host must be an address.*got "example.com"/],
    [["--memory", "--history", "x"], undefined, /--memory and --history contradict/],
    [["--keep-jobs", "0"], undefined, /--keep-jobs must be a number from 1/],
    [["--keep-days", "many"], undefined, /--keep-days must be/],
    [["--token=secret"], undefined, /unknown argument "secret"/],
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
