// Routes that say what can be submitted here, and what can be broken.

import { z } from "@hono/zod-openapi";
import type { Executors } from "../../../modules/dashboard/executors.ts";
import { answers, createRoute, refuses, routes } from "../../../modules/dashboard/routes/route.ts";
import {
  experimentView,
  kindDescription,
  type OwnCodeLimits,
  opponentView,
  ownCodeLimits,
} from "../contract.ts";
import { describeKind, KINDS } from "../kinds.ts";
import { presentOpponents } from "../opponents/opponents.ts";
import type { Trials } from "../trials.ts";

const offered = z.object({
  kinds: z.array(kindDescription),
  ownCode: ownCodeLimits.nullable().meta({
    description: "How much of a visitor's own code is run here; null where none is.",
  }),
});

export function offeringRoutes(
  executors: Executors,
  trials: Trials,
  ownCode: OwnCodeLimits | null,
) {
  return routes()
    .openapi(
      createRoute({
        method: "get",
        path: "/api/kinds",
        summary: "The kinds of jobs that can be submitted",
        responses: {
          200: answers(offered, "The kinds"),
          ...refuses(),
        },
      }),
      (c) => {
        const kinds = [...KINDS.values()].map((kind) => describeKind(kind, executors));
        return c.json({ kinds, ownCode }, 200);
      },
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/experiments",
        summary: "What can be broken on purpose",
        responses: {
          200: answers(z.object({ experiments: z.array(experimentView) }), "The experiments"),
          ...refuses(),
        },
      }),
      (c) => c.json({ experiments: trials.experiments() }, 200),
    )
    .openapi(
      createRoute({
        method: "get",
        path: "/api/opponents",
        summary:
          "Pools of others that executors can be compared with; the first time they are looked for",
        responses: {
          200: answers(z.object({ opponents: z.array(opponentView) }), "Those that are present"),
          ...refuses(),
        },
      }),
      async (c) => c.json({ opponents: [...(await presentOpponents())] }, 200),
    );
}
