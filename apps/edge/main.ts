// Starts the edge service: deno serve --allow-net --port 8010 apps/edge/main.ts, or: bun apps/edge/main.ts
// An edge platform takes the default export as it is.

import { createApp } from "./app.ts";

const { app } = createApp(
  new Map([
    ["deno", "https://deno.com/"],
    ["bun", "https://bun.sh/"],
    ["hono", "https://hono.dev/"],
  ]),
  { loads: 6, waiting: 60, deadline: 2_000 },
);

export default { fetch: app.fetch, port: 8010, hostname: "127.0.0.1" };
