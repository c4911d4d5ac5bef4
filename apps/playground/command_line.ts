// The playground's command line: which address to listen on, and what to say about it.

import { isIPv4, isIPv6 } from "node:net";

export const DEFAULT_PORT = 8000;

/** Where jobs are kept over a restart, unless an option says otherwise. */
export const DEFAULT_HISTORY = "temp/playground/history.sqlite";

/** How the playground is to be started. */
export interface StartCommand {
  do: "start";
  hostname: string;
  port: number;
  /** Names it is known by, beside its address. */
  names: string[];
  /** Whether clients must show a token. */
  token: boolean;
  /** Whether they may run code of their own, in the sandbox. */
  allowCode: boolean;
  /** The history's file; undefined keeps jobs in memory. */
  history: string | undefined;
  keepJobs: number | undefined;
  keepDays: number | undefined;
}

/** What the command line asks for. */
export type Command = StartCommand | { do: "help" } | { do: "complain"; about: string };

export const HELP = `Starts the playground of @concurrent/futures, on this machine only.

Options:
  --port N       Listen on this port; 0 takes any free one. Default: $PORT, else ${DEFAULT_PORT}.
  --host A       Listen on this address. Default: 127.0.0.1. Any other than loopback needs a token, and on Deno
                 --allow-net for that address.
  --name H       Answer to this host name, too. May be repeated.
  --token        Let in only who has the token, which is printed in the address.
  --allow-code   Let whoever has the token run code of their own here, each piece in a process that may do nothing.
                 On Deno and on loopback only: docs/sandbox.md says what holds it.
  --memory       Keep jobs in memory only.
  --history F    Keep jobs in this file. Default: ${DEFAULT_HISTORY}.
  --keep-jobs N  Keep so many settled jobs. Default: 200000.
  --keep-days N  Keep settled jobs so many days. Default: 7.
  --help         Show this.
`;

/** Options that stand alone, and those that take a value. */
const FLAGS = new Set(["--token", "--memory", "--allow-code"]);
const VALUES = new Set(["--port", "--host", "--name", "--history", "--keep-jobs", "--keep-days"]);

/** Reads the arguments and the value of `PORT`. */
export function readCommandLine(args: readonly string[], envPort: string | undefined): Command {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const names: string[] = [];
  const rest = args.flatMap(splitAtEquals);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === "--help" || name === "-h") return { do: "help" };
    if (FLAGS.has(name)) {
      flags.add(name);
      continue;
    }
    if (!VALUES.has(name)) return complain(`unknown argument ${JSON.stringify(name)}`);
    const value = rest.shift();
    if (value === undefined) return complain(`${name} needs a value`);
    if (name === "--name") names.push(value);
    else values.set(name, value);
  }
  const hasEnvPort = envPort !== undefined && envPort !== "";
  const portName = values.has("--port") || !hasEnvPort ? "--port" : "PORT";
  const port = values.get("--port") ?? (hasEnvPort ? envPort : String(DEFAULT_PORT));
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    return complain(`${portName} must be a number from 0 to 65535, got ${JSON.stringify(port)}`);
  }
  const host = values.get("--host") ?? "127.0.0.1";
  const hostname = host === "localhost" ? "127.0.0.1" : host;
  if (!isIPv4(hostname) && !isIPv6(hostname)) {
    return complain(`--host must be an address of this machine, got ${JSON.stringify(host)}`);
  }
  for (const name of ["--keep-jobs", "--keep-days"]) {
    const value = values.get(name);
    if (value !== undefined && !/^[1-9]\d{0,6}$/.test(value)) {
      return complain(`${name} must be a number from 1 to 9999999, got ${JSON.stringify(value)}`);
    }
  }
  if (flags.has("--memory") && values.has("--history")) {
    return complain("--memory and --history contradict each other");
  }
  const allowCode = flags.has("--allow-code");
  // A name is what a proxy passes on, for others than those at this machine.
  const beyond = !isLoopback(hostname) ? `--host ${host}` : names.length > 0 ? "--name" : undefined;
  if (allowCode && beyond !== undefined) {
    return complain(`--allow-code is for this machine only, and ${beyond} lets others come`);
  }
  return {
    do: "start",
    hostname,
    port: Number(port),
    names,
    allowCode,
    token: allowCode || flags.has("--token") || !isLoopback(hostname),
    history: flags.has("--memory") ? undefined : (values.get("--history") ?? DEFAULT_HISTORY),
    keepJobs: numberOf(values.get("--keep-jobs")),
    keepDays: numberOf(values.get("--keep-days")),
  };
}

/** Says why a server could not listen, and what to do about it. */
export function explainListenError(error: unknown, hostname: string, port: number): string {
  const known = error instanceof Error ? error : new Error(String(error));
  const code = "code" in known ? known.code : undefined;
  const start = `Cannot start playground: port ${port} on ${hostname}`;
  const hint = "choose another with --port N or PORT=N (0 takes any free one)";
  // Deno names its errors by class, Node and Bun by code.
  if (code === "EADDRINUSE" || known.name === "AddrInUse") return `${start} is taken, ${hint}`;
  if (code === "EACCES" || known.name === "PermissionDenied")
    return `${start} is reserved, ${hint}`;
  if (known.name === "NotCapable") {
    return `Cannot start playground: permission to listen on ${hostname} is missing, see --allow-net`;
  }
  return `${start} is not available (${known.message}), ${hint}`;
}

function complain(about: string): Command {
  return { do: "complain", about: `Cannot start playground: ${about}, see --help` };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function splitAtEquals(arg: string): string[] {
  const at = arg.indexOf("=");
  return arg.startsWith("--") && at > 0 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg];
}

function isLoopback(hostname: string): boolean {
  return (
    (isIPv4(hostname) && hostname.startsWith("127.")) || (isIPv6(hostname) && hostname === "::1")
  );
}
