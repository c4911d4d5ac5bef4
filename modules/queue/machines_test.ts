// Three machines: submitter, server and agent each with a network of its own, and a link between the first two that is cut.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { Rig } from "./conformance/rig.ts";

/** How long the link is cut, in ms; by hand longer: `FUTURES_CUT=30000`. */
const CUT_MS = Number(process.env.FUTURES_CUT ?? 5_000);

/** A network namespace: what is started in it sees no other machine but by its links. It ends with this program. */
class Machine {
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** Makes one; says why where that cannot be. */
  static async make(): Promise<Machine | string> {
    const holder = spawn(
      "unshare",
      ["-n", "sh", "-c", "ip link set lo up && echo up && read -r _"],
      {
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    let said = "";
    for (const stream of [holder.stdout, holder.stderr])
      stream.on("data", (bytes: Uint8Array) => {
        said += new TextDecoder().decode(bytes);
      });
    const failed = new Promise<string>((resolve) => {
      holder.once("error", (error) => resolve(String(error)));
      holder.once("exit", () => resolve(said));
    });
    const up = once(holder.stdout, "data").then(() => undefined);
    return (await Promise.race([up, failed])) ?? new Machine(holder);
  }

  get pid(): string {
    return String(this.#holder.pid);
  }

  /** What a command begins with that runs there. */
  get inside(): readonly string[] {
    return ["nsenter", "-t", this.pid, "-n"];
  }

  ip(...words: string[]): void {
    const { status, stderr } = spawnSync("nsenter", [...this.inside.slice(1), "ip", ...words], {
      encoding: "utf8",
    });
    assert.equal(status, 0, `ip ${words.join(" ")}: ${stderr}`);
  }

  /** Joins it to another one by a link; each has an address. */
  link(other: Machine, name: string, ours: string, theirs: string): void {
    this.ip("link", "add", name, "type", "veth", "peer", "name", "uplink", "netns", other.pid);
    this.ip("addr", "add", `${ours}/24`, "dev", name);
    other.ip("addr", "add", `${theirs}/24`, "dev", "uplink");
    this.ip("link", "set", name, "up");
    other.ip("link", "set", "uplink", "up");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder, "exit");
    this.#holder.stdin?.end();
    await ended;
  }
}

Deno.test({
  name: "tasks go between machines whose link is cut for a while, by a submitter whose clock is an hour late",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const server = await Machine.make();
    if (typeof server === "string") {
      // Without the right to make networks there are none to be tried: containers have it seldom.
      console.log(`There are no networks of our own to be had here: ${server.trim()}`);
      return;
    }
    await using _server = server;
    await using agent = (await Machine.make()) as Machine;
    await using submitter = (await Machine.make()) as Machine;
    server.link(agent, "agents", "10.77.1.1", "10.77.1.2");
    server.link(submitter, "submitters", "10.77.2.1", "10.77.2.2");
    await using rig = await Rig.make(
      [
        ["bind", "127.0.0.1", "10.77.1.1", "10.77.2.1"],
        ["protected-mode", "no"],
      ],
      server.inside,
    );
    const urlAt = (host: string) => `redis://${host}:${rig.server.port}`;
    await rig.agent("Bun", { connection: { url: urlAt("10.77.1.1") } }, agent.inside);
    const options = { url: urlAt("10.77.2.1"), nap: CUT_MS / 2, skew: -3_600_000 };
    const program = rig.submitter("Bun", options, submitter.inside);
    await program.prints("accepted");
    server.ip("link", "set", "submitters", "down");
    await pause(CUT_MS);
    // It was done long ago, and nobody could be told.
    assert.doesNotMatch(program.printed, /value/);
    server.ip("link", "set", "submitters", "up");
    assert.deepEqual(await program.ended, [0, null], program.printed);
    assert.match(program.printed, new RegExp(`value ${CUT_MS / 2}\n`));
  },
});
