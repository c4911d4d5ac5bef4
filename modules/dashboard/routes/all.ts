// addRoutes: all that can be asked of a dashboard, and the type of it, for typed clients.

import type { OpenAPIHono } from "@hono/zod-openapi";
import { cancellingRoutes } from "./cancelling.ts";
import { controllingRoutes } from "./controlling.ts";
import { type Reading, readingRoutes } from "./reading.ts";

/** Adds the routes that tell, and those that change what is watched. */
export function addRoutes(app: OpenAPIHono, reading: Reading) {
  return app
    .route("/", readingRoutes(reading))
    .route("/", cancellingRoutes(reading.recorder))
    .route("/", controllingRoutes(reading.executors));
}

/** All routes: `hc<Api>(address)`. */
export type Api = ReturnType<typeof addRoutes>;
