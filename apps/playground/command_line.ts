// The playground's command line: which address to listen on, and what to say about it.

import { isIPv4, isIPv6 } from "node:net";

export const DEFAULT_PORT = 8000;

/** What the command line asks for. */
export type Command =
  | { do: "start"; hostname: string; port: number }
  | { do: "help" }
  | { do: "complain"; about: string };

export const HELP = `Starts the playground of @concurrent/futures, on this machine only.

Options:
  --port N     Listen on this port; 0 takes any free one. Default: $PORT, else ${DEFAULT_PORT}.
  --host A     Listen on this loopback address. Default: 127.0.0.1.
  --help       Show this.
`;

/** Reads the arguments and the value of `PORT`. */
export function readCommandLine(args: readonly string[], envPort: string | undefined): Command {
  let hostname = "127.0.0.1";
  let port = envPort === undefined || envPort === "" ? String(DEFAULT_PORT) : envPort;
  let portName = port === envPort ? "PORT" : "--port";
  const rest = args.flatMap(splitAtEquals);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === "--help" || name === "-h") return { do: "help" };
    if (name !== "--port" && name !== "--host") {
      return complain(`unknown argument ${JSON.stringify(name)}`);
    }
    const value = rest.shift();
    if (value === undefined) return complain(`${name} needs a value`);
    if (name === "--host") hostname = value === "localhost" ? "127.0.0.1" : value;
    else [port, portName] = [value, "--port"];
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    return complain(`${portName} must be a number from 0 to 65535, got ${JSON.stringify(port)}`);
  }
  if (!isLoopback(hostname)) {
    const why = "the playground has no login and listens on loopback only";
    return complain(`--host must be a loopback address, got ${JSON.stringify(hostname)}: ${why}`);
  }
  return { do: "start", hostname, port: Number(port) };
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

function splitAtEquals(arg: string): string[] {
  const at = arg.indexOf("=");
  return arg.startsWith("--") && at > 0 ? [arg.slice(0, at), arg.slice(at + 1)] : [arg];
}

function isLoopback(hostname: string): boolean {
  return (
    (isIPv4(hostname) && hostname.startsWith("127.")) || (isIPv6(hostname) && hostname === "::1")
  );
}
