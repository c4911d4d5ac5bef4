// Starts a Redis or Valkey server for tests and first tries, on a port and in a folder of its own. Runs on Deno, Bun and Node.
//
//   this program ══ pipe ══▶ guardian (a shell) ──▶ server
//
// Nobody writes into the pipe. Its end means that this program is no more, however it ended: then the guardian kills the server
// and removes the folder.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What it may be called. Valkey first: it is what the documents advise. */
const NAMES = ["valkey-server", "redis-server"] as const;

/** How long a server may take until it is ready, in ms: it reads its append-only file first, on a machine that may be busy. */
const START_MS = 60_000;

/** How long apt may take for one command, in ms. */
const APT_MS = 300_000;

/** How often it is looked whether it is ready, in ms. */
const LOOK_MS = 10;

/** How often a port is looked for: between the look and the start another program may take it. */
const TRIES = 5;

/** `$1` is "remove" or "keep", `$2` the folder; what follows is the server's command. */
const GUARDIAN = `
exec 3<&0
disposal=$1 folder=$2
shift 2
"$@" </dev/null 3<&- >>"$folder/log" 2>&1 &
server=$!
echo $server >"$folder/pid"
(
  read -r _ <&3
  trap "" TERM
  kill -9 $server 2>/dev/null
  [ $disposal = keep ] || rm -rf "$folder"
) &
watch=$!
wait $server
code=$?
kill $watch 2>/dev/null
wait $watch
exit $code
`;

/** A server of our own, to which a test may do anything. Whoever starts it stops it: `await using server = …`. */
export interface RedisServer extends AsyncDisposable {
  /** `redis://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Where it keeps its append-only file, and its `log`. */
  readonly folder: string;
  /** The number of its process, which is another after each `restart`. */
  readonly pid: number;
  /** Ends it as a crash does; what it has acknowledged is in its file. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, with the same port and folder. */
  restart(): Promise<void>;
  /** Lets it hang: connections stay, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Kills it, and removes its folder unless the caller named it. */
  stop(): Promise<void>;
}

/** How to start one. */
export interface RedisServerOptions {
  /** Where its data lies, and stays. Default: a new folder in `temp`, which is removed with the server. */
  readonly folder?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** More of its settings, each a name and its values: `[["maxmemory", "20mb"]]`. They win over ours. */
  readonly settings?: readonly (readonly string[])[];
  /** What its command begins with, such as `nsenter` and a network of its own. Default: nothing. */
  readonly inside?: readonly string[];
}

/**
 * Says where tests find a server: the one that `REDIS_URL` names, else one of our own, started for the asker.
 *
 * @returns its address; disposing of it stops what was started, and nothing else.
 * @throws {Error} if there is none, with what to do.
 */
export async function serverForTests(): Promise<{ readonly url: string } & AsyncDisposable> {
  const { REDIS_URL: url } = process.env;
  if (url) return { url, [Symbol.asyncDispose]: () => Promise.resolve() };
  return await startRedisServer();
}

/**
 * Starts a server that hears only this machine and keeps an append-only file.
 *
 * It does not keep this program alive, and does not outlive it, not even where this program is killed.
 *
 * @throws {Error} if there is none to start, or it does not start. The message says what to do.
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const program = findServer();
  const disposal = options.folder === undefined ? "remove" : "keep";
  const folder = options.folder ?? newFolder();
  mkdirSync(folder, { recursive: true });
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort());
    const server = new OwnServer(
      program,
      { folder, port, settings: options.settings ?? [], inside: options.inside ?? [] },
      disposal,
    );
    try {
      await server.restart();
      return server;
    } catch (error) {
      const isTaken = /address already in use/i.test(String(error));
      if (isTaken && options.port === undefined && tries < TRIES) continue;
      if (disposal === "remove") rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

/** A program, and where it finds libraries that the system does not have. */
interface ServerProgram {
  readonly path: string;
  readonly libraries: readonly string[];
}

class OwnServer implements RedisServer {
  readonly #program: ServerProgram;
  readonly #place: Required<RedisServerOptions>;
  readonly #disposal: "remove" | "keep";
  #guardian: ChildProcess | undefined;
  #pid = 0;

  constructor(
    program: ServerProgram,
    place: Required<RedisServerOptions>,
    disposal: "remove" | "keep",
  ) {
    this.#program = program;
    this.#place = place;
    this.#disposal = disposal;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return this.#place.port;
  }

  get folder(): string {
    return this.#place.folder;
  }

  get pid(): number {
    return this.#pid;
  }

  async restart(): Promise<void> {
    if (this.#guardian) throw new Error("Cannot restart server: it runs; kill() it first");
    rmSync(join(this.folder, "pid"), { force: true });
    rmSync(join(this.folder, "log"), { force: true });
    const guardian = this.#spawn();
    this.#guardian = guardian;
    guardian.once("exit", () => {
      if (this.#guardian === guardian) this.#guardian = undefined;
    });
    const deadline = Date.now() + START_MS;
    while (!this.#isReady()) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (this.#guardian && Date.now() < deadline) continue;
      const reason = this.#guardian ? `it is not ready within ${START_MS} ms` : "it has ended";
      const log = this.#log();
      await this.#end();
      throw new Error(`Cannot start ${this.#program.path}: ${reason}\n${log}`);
    }
  }

  async kill(): Promise<void> {
    const guardian = this.#guardian;
    if (!guardian) return;
    guardian.ref();
    const ended = once(guardian, "exit");
    process.kill(this.#pid, "SIGKILL");
    await ended;
  }

  freeze(): void {
    process.kill(this.#pid, "SIGSTOP");
  }

  thaw(): void {
    process.kill(this.#pid, "SIGCONT");
  }

  async stop(): Promise<void> {
    await this.#end();
    if (this.#disposal === "remove") rmSync(this.folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** A group of its own: Ctrl+C is for the program, and ends the server through it. */
  #spawn(): ChildProcess {
    const { path, libraries } = this.#program;
    const { LD_LIBRARY_PATH: before } = process.env;
    const found = [...libraries, ...(before ? [before] : [])].join(delimiter);
    const command = [...this.#place.inside, path, ...this.#settings()];
    const guardian = spawn(
      "/bin/sh",
      ["-c", GUARDIAN, "guardian", this.#disposal, this.folder, ...command],
      {
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
        env: { ...process.env, ...(libraries.length > 0 && { LD_LIBRARY_PATH: found }) },
      },
    );
    guardian.unref();
    (guardian.stdin as unknown as { unref?: () => void }).unref?.();
    guardian.stdin?.on("error", () => {});
    return guardian;
  }

  #settings(): string[] {
    const ours = [
      ["bind", "127.0.0.1"],
      ["port", String(this.port)],
      ["dir", this.folder],
      ["appendonly", "yes"],
      ["save", ""],
      ["maxmemory-policy", "noeviction"],
    ];
    return [...ours, ...this.#place.settings].flatMap(([name, ...values]) => [
      `--${name}`,
      ...values,
    ]);
  }

  /** Whether it has said that it takes connections: it does so when it has read its file, and has the port. */
  #isReady(): boolean {
    this.#pid = Number(this.#read("pid"));
    return this.#pid > 0 && this.#read("log").includes("Ready to accept connections");
  }

  #log(): string {
    return this.#read("log").split("\n").slice(-20).join("\n");
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.folder, name), "utf8");
    } catch {
      return ""; // Not written yet.
    }
  }

  async #end(): Promise<void> {
    const guardian = this.#guardian;
    if (!guardian) return;
    guardian.ref();
    const ended = once(guardian, "exit");
    guardian.stdin?.end();
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** In the repository also where this file was built for Node, somewhere in `temp`. */
function temporaryFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "deno.json"))) folder = dirname(folder);
  return join(folder, "temp");
}

function newFolder(): string {
  const temporary = temporaryFolder();
  mkdirSync(temporary, { recursive: true });
  return mkdtempSync(join(temporary, "redis-data-"));
}

/** The server on the PATH, else the one that Debian's package brings. */
function findServer(): ServerProgram {
  for (const name of NAMES) {
    const path = (process.env.PATH ?? "")
      .split(delimiter)
      .map((folder) => join(folder, name))
      .find(isProgram);
    if (path) return { path, libraries: [] };
  }
  const home = join(temporaryFolder(), "redis-server");
  if (!existsSync(home)) unpackServer(home);
  return unpackedServer(home) as ServerProgram;
}

/** By its mode: Deno tells who we are only to programs that may know. */
function isProgram(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}

/** Tests that begin at the same time may all unpack; the first to finish gives its own the name, whole. */
function unpackServer(home: string): void {
  mkdirSync(dirname(home), { recursive: true });
  const workshop = mkdtempSync(`${home}-`);
  try {
    const tried = fetchPackages(workshop);
    if (!unpackedServer(workshop)) throw new Error(advice(tried));
    renameSync(workshop, home);
  } catch (error) {
    rmSync(workshop, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}

function advice(tried: string): string {
  return [
    "Cannot start a Redis server: there is none on the PATH, and Debian's package cannot be had;",
    "install one (apt-get install valkey-server, or redis-server; brew install valkey),",
    "or start one elsewhere and set REDIS_URL:",
    "docker run -p 127.0.0.1:6379:6379 valkey/valkey --appendonly yes",
    ...(tried ? [`What was tried:\n${tried}`] : []),
  ].join("\n");
}

/** Unpacks the server's package and what it needs that is not installed, and installs nothing. */
function fetchPackages(workshop: string): string {
  const lists = join(workshop, "lists");
  // As root apt would fetch as a user who may not write here.
  const options = ["-qq", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2"];
  const ownLists = [...options, "-o", `Dir::State::Lists=${lists}`, "-o", `Dir::Cache=${lists}`];
  let tried = "";
  if (fetch(options)) return tried;
  // The system has no lists, or old ones, whose packages are gone.
  mkdirSync(join(lists, "partial"), { recursive: true });
  run("apt-get", [...ownLists, "update"]);
  fetch(ownLists);
  rmSync(lists, { recursive: true, force: true });
  return tried;

  function fetch(how: readonly string[]): boolean {
    return NAMES.some((name) => {
      const told = run("apt-get", [
        ...how,
        "--simulate",
        "--no-install-recommends",
        "install",
        name,
      ]);
      // The C library fits the system's loader only: an exchanged one starts nothing.
      const packages = [...(told ?? "").matchAll(/^Inst (\S+)/gm)]
        .map(([, known]) => known as string)
        .filter((known) => known !== "libc6");
      if (packages.length === 0 || run("apt-get", [...how, "download", ...packages]) === undefined)
        return false;
      const archives = readdirSync(workshop).filter((file) => file.endsWith(".deb"));
      const areUnpacked = archives.every(
        (file) => run("dpkg", ["-x", file, workshop]) !== undefined,
      );
      for (const file of archives) rmSync(join(workshop, file));
      return areUnpacked;
    });
  }

  /** What it prints; nothing if it fails. */
  function run(command: string, args: readonly string[]): string | undefined {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd: workshop,
      encoding: "utf8",
      timeout: APT_MS,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status === 0) return stdout;
    tried += `${command} ${args.join(" ")}\n${error ? String(error) : stderr}\n`;
    return undefined;
  }
}

function unpackedServer(home: string): ServerProgram | undefined {
  const path = NAMES.map((name) => join(home, "usr/bin", name)).find(isProgram);
  if (!path) return undefined;
  // Libraries lie in a folder that is named after the architecture.
  const libraries = ["usr/lib", "lib"].flatMap((name) => {
    const folder = join(home, name);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((entry) => entry.includes("-linux-"))
      .map((entry) => join(folder, entry));
  });
  return { path, libraries };
}
