// Rig: what the queue's faults are played on. A server of its own, agents and submitters as programs that can be killed, and a
// link that can be cut without a word.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bunPath } from "../../../scripts/bun.ts";
import { nodePath } from "../../../scripts/node.ts";
import { type RedisServer, startRedisServer } from "../../../scripts/redis_server.ts";
import type { FaultAgent } from "./fault_agent.ts";
import type { FaultSubmitter } from "./fault_submitter.ts";

/** A runtime that a program runs on. */
export type Runtime = "Deno" | "Bun" | "Node";

const QUIET = "--disable-warning=ExperimentalWarning";

/** Looked for once: that takes seconds where the machine's own is too old. */
let node: string | undefined;

/** How a program is started there. */
function commandOf(runtime: Runtime): readonly string[] {
  if (runtime === "Bun") return [bunPath()];
  if (runtime === "Deno") return [process.execPath, "run", "--allow-all", "--no-check"];
  node ??= nodePath();
  return [node, QUIET];
}

/** A program that runs, and what it has printed. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<[code: number | null, signal: string | null]>;
  printed = "";
  #heard = Promise.withResolvers<void>();

  /** @param inside What its command begins with, if it runs elsewhere than here. */
  constructor(runtime: Runtime, script: string, options: object, inside: readonly string[] = []) {
    const [program, ...flags] = [...inside, ...commandOf(runtime)] as [string, ...string[]];
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.child = spawn(program, [...flags, path, JSON.stringify(options)], {
      // Nobody writes to the first: its end tells the program that this one is no more, however it ended.
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.printed += text;
        this.#hear();
      });
    this.ended = once(this.child, "close") as Promise<[number | null, string | null]>;
    void this.ended.then(() => this.#hear());
  }

  /** Waits until it has printed something; throws if it ends without. */
  async prints(text: string): Promise<void> {
    while (!this.printed.includes(text)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        throw new Error(`It ended and never printed "${text}":\n${this.printed}`);
      await this.#heard.promise;
    }
  }

  /** Not by its child process, which on Deno sends only one. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.child.pid as number, name);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.signal("SIGKILL");
    await this.ended;
  }

  #hear(): void {
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }
}

/** Everything that a fault needs; all of it ends with it. */
export class Rig implements AsyncDisposable {
  readonly server: RedisServer;
  readonly folder: string = mkdtempSync(join(tmpdir(), "futures-queue-"));
  readonly #programs: Program[] = [];
  readonly #links: Link[] = [];

  private constructor(server: RedisServer) {
    this.server = server;
  }

  static async make(
    settings: readonly (readonly string[])[] = [],
    inside: readonly string[] = [],
  ): Promise<Rig> {
    return new Rig(await startRedisServer({ settings, inside }));
  }

  /** Starts an agent, and waits until it serves. */
  async agent(
    runtime: Runtime,
    options: Partial<FaultAgent> = {},
    inside: readonly string[] = [],
  ): Promise<Program> {
    const connection = { url: this.server.url };
    const given: FaultAgent = { connection, queue: "q", ...options };
    const agent = this.start(runtime, "./fault_agent.ts", given, inside);
    await agent.prints("serves");
    return agent;
  }

  submitter(
    runtime: Runtime,
    options: Partial<FaultSubmitter> = {},
    inside: readonly string[] = [],
  ): Program {
    const given = { url: this.server.url, queue: "q", ...options };
    return this.start(runtime, "./fault_submitter.ts", given, inside);
  }

  /** Starts a program that lies here, which ends with the rig at the latest. */
  start(
    runtime: Runtime,
    script: string,
    options: object,
    inside: readonly string[] = [],
  ): Program {
    const program = new Program(runtime, script, options, inside);
    this.#programs.push(program);
    return program;
  }

  /** A link to the server that can be cut. */
  async link(): Promise<Link> {
    const link = await Link.to(this.server.port);
    this.#links.push(link);
    return link;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.kill()));
    for (const link of this.#links) link.close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A link that passes everything on, until it is cut: then nothing comes through, and neither end hears of it. */
export class Link {
  readonly url: string;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  #isDown = false;
  /** So many connections were made by it. */
  made = 0;

  private constructor(listener: Server) {
    this.#listener = listener;
    this.url = `redis://127.0.0.1:${(listener.address() as { port: number }).port}`;
  }

  static async to(port: number): Promise<Link> {
    let link: Link | undefined;
    const join = (near: Socket) => {
      if (link !== undefined) link.#join(near, port);
    };
    const listener = createServer(join).listen(0, "127.0.0.1");
    await once(listener, "listening");
    link = new Link(listener);
    return link;
  }

  /** Cuts the connections that there are; new ones can be made, unless it is down. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners("data").removeAllListeners("close").pause();
      socket.on("close", () => {});
    }
  }

  /** Cuts them, and lets nobody make new ones: what comes is accepted and not answered. */
  goDown(): void {
    this.#isDown = true;
    this.cut();
  }

  comeUp(): void {
    this.#isDown = false;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
  }

  #join(near: Socket, port: number): void {
    this.made++;
    this.#sockets.add(near);
    near.on("error", () => near.destroy());
    if (this.#isDown) return void near.pause();
    const far = connect({ host: "127.0.0.1", port });
    this.#sockets.add(far);
    far.on("error", () => far.destroy());
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => near.write(bytes));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }
}
