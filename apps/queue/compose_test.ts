// compose.yaml: by the shape that Compose gives it, and by what it has to say.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { readCommandLine } from "../../modules/cli/command_line.ts";
import { readDuration } from "../../modules/cli/quantities.ts";

const duration = z.string().regex(/^\d+(ms|s|m|h)$/);

/** Of the Compose Specification what is used here, and no more: a field that is misspelt is one too many. */
const service = z.strictObject({
  image: z.string().regex(/^[\w./-]+:[\w.-]+$/),
  command: z.array(z.string()).min(1),
  working_dir: z.string().startsWith("/").optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string().regex(/^[^:]+:\/[^:]+(:ro)?$/)).optional(),
  networks: z.array(z.string()),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(["service_started", "service_healthy", "service_completed_successfully"]),
      }),
    )
    .optional(),
  restart: z.enum(["no", "always", "on-failure", "unless-stopped"]),
  stop_grace_period: duration.optional(),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.enum(["CMD", "CMD-SHELL"])], z.string()),
      interval: duration,
      timeout: duration,
      retries: z.int().positive(),
    })
    .optional(),
});

const compose = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.strictObject({})),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
});

const text = readFileSync(new URL("./compose.yaml", import.meta.url), "utf8");
const { services, volumes, networks } = compose.parse(parse(text));

Deno.test("compose.yaml names only what there is", () => {
  for (const [name, { volumes: mounted = [], networks: joined, depends_on = {} }] of Object.entries(
    services,
  )) {
    for (const network of joined) assert(network in networks, `${name} joins ${network}`);
    for (const other of Object.keys(depends_on))
      assert(services[other]?.healthcheck, `${name} waits for ${other}`);
    for (const mount of mounted) {
      const [source = ""] = mount.split(":");
      assert(source.startsWith(".") || source in volumes, `${name} mounts ${source}`);
    }
  }
});

Deno.test("compose.yaml keeps the server's promises, and lets nobody else at it", () => {
  const { command, ports, networks: joined } = services.valkey as z.infer<typeof service>;
  const said = command.join(" ");
  assert.match(said, /--appendonly yes/);
  assert.match(said, /--maxmemory-policy noeviction/);
  assert.equal(ports, undefined);
  for (const network of joined) assert.equal(networks[network]?.internal, true);
});

Deno.test("compose.yaml starts two agents on different runtimes, which have longer to end than to drain", () => {
  const agents = Object.values(services).filter(({ command }) => command.includes("agent"));
  assert.deepEqual(
    agents.map(({ command }) => command[0]),
    ["deno", "bun"],
  );
  for (const { command, stop_grace_period = "" } of agents) {
    const { verb, flags, words } = readCommandLine(command.slice(command.indexOf("agent")));
    assert.deepEqual(
      [verb, flags.queue, words],
      ["agent", "playground", ["playground=apps/playground/jobs.ts"]],
    );
    const drain = readDuration(String(flags.drain), "--drain");
    assert(readDuration(stop_grace_period, "stop_grace_period") > drain);
  }
});

Deno.test("compose.yaml has the runtimes that the tests have", () => {
  const { devDependencies } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  const ci = readFileSync(new URL("../../.ci/run", import.meta.url), "utf8");
  const [, deno] = /deno@([\d.]+)/.exec(ci) ?? [];
  const images = new Set(Object.values(services).map(({ image }) => image));
  assert(
    images.has(`denoland/deno:${deno}`) && images.has(`oven/bun:${devDependencies.bun}`),
    [...images].join(),
  );
});
