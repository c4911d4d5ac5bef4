// Routes that change the executors themselves.

import { z } from "@hono/zod-openapi";
import { executorView, resizeBody } from "../contract.ts";
import type { Executors } from "../executors.ts";
import { answers, createRoute, refuses, routes, takes } from "./route.ts";

export const executorName = z.object({
  name: z
    .string()
    .max(100)
    .openapi({ param: { name: "name", in: "path" } }),
});

const worker = executorName.extend({
  id: z.coerce
    .number()
    .int()
    .min(0)
    .openapi({ param: { name: "id", in: "path" } }),
});

export const executorChanged = answers(
  z.object({ executor: executorView }),
  "The executor as it is now",
);

export function controllingRoutes(executors: Executors) {
  return routes()
    .openapi(
      createRoute({
        method: "post",
        path: "/api/executors/{name}/resize",
        summary: "Grow or shrink a pool",
        request: { params: executorName, ...takes(resizeBody) },
        responses: { 200: executorChanged, ...refuses(400, 404, 422) },
      }),
      (c) => {
        const { name } = c.req.valid("param");
        executors.find(name, "resize executor", "name");
        executors.resize(name, c.req.valid("json").maxWorkers);
        return c.json({ executor: executors.view(name) }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "post",
        path: "/api/executors/{name}/workers/{id}/end",
        summary: "End a worker; what it runs is lost, and another takes over",
        request: { params: worker },
        responses: { 200: executorChanged, ...refuses(404, 422) },
      }),
      (c) => {
        const { name, id } = c.req.valid("param");
        executors.find(name, "end worker", "name");
        executors.endWorker(name, id);
        return c.json({ executor: executors.view(name) }, 200);
      },
    );
}
