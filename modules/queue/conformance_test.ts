// Binds the conformance suite to the queue, on whatever runtime runs this: executor and agent on the same one.

import { after, before, test } from "node:test";
import { conformanceCases, runCase } from "../testing/mod.ts";
import { whyLeftOut } from "./conformance/left_out.ts";
import { NATURE, QueueSubject } from "./conformance/subject.ts";

let queue: QueueSubject;
before(async () => {
  queue = await QueueSubject.start();
});
after(async () => {
  await queue[Symbol.asyncDispose]();
});

function neverYet(): never {
  throw new Error("Cannot create executor: nothing has started");
}

/** They do to the realm they run in what no other case can stand. */
const SPOILS = /hostile|disguise|odd|differs|thenable/;

for (const conformanceCase of conformanceCases) {
  const { id, title } = conformanceCase;
  const applies = conformanceCase.applies({ ...NATURE, create: neverYet });
  const why = applies === true ? whyLeftOut(id) : applies;
  const name = `QueueExecutor [${id}] ${title}`;
  test(why === undefined ? name : `${name} (not applicable: ${why})`, {
    skip: why !== undefined,
  }, async () => {
    await runCase(conformanceCase, queue.subject);
    if (SPOILS.test(id)) queue.freshen();
  });
}
