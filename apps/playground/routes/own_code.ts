// The route that runs what a visitor typed. It is there only where the playground was started for it.

import {
  answers,
  createRoute,
  refuses,
  routes,
  takes,
} from "../../../modules/dashboard/routes/route.ts";
import { ownCodeBody, submitted } from "../contract.ts";
import type { OwnCode } from "../own_code.ts";
import { tellBatch } from "./working.ts";

export function ownCodeRoutes(ownCode: OwnCode) {
  return routes().openapi(
    createRoute({
      method: "post",
      path: "/api/code",
      summary: "Run code of your own in the sandbox",
      request: takes(ownCodeBody),
      responses: { 202: answers(submitted, "It is in the queue"), ...refuses(400, 413, 415, 503) },
    }),
    (c) => c.json(tellBatch(ownCode.run(c.req.valid("json"))), 202),
  );
}
