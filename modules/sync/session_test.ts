// Session: when a call may take a lock by itself, and give it back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { OPEN_LINK, type OpenContext } from "../core/task_context.ts";
import { LockWords } from "./arbiter/lock_words.ts";
import { Permits } from "./arbiter/permits.ts";
import { Session } from "./session.ts";

/** A call on a thread, to whom nobody answers. */
function unanswered(): Session {
  const plug = { say() {}, byReference: true, isProcess: false };
  const context = { signal: new AbortController().signal, [OPEN_LINK]: () => plug };
  return new Session(context as unknown as OpenContext);
}

/** A free lock, as a thread sees it. */
function free(): LockWords {
  return new LockWords(new Permits("lock", "rows", 1).share());
}

test("a call takes a lock by itself only once the program has granted it, which then knows its number", () => {
  const session = unanswered();
  const words = free();
  const place = { id: "lock-1", kind: "lock", name: "rows", words } as const;
  // It may be given up in any moment: what it took now would be nobody's.
  for (let time = 0; time < 3; time++) assert.equal(session.take(place), undefined);
  assert.notEqual(words.take(words.newHolder()), undefined, "it is free");

  const other = { ...place, id: "lock-2", words: free() };
  assert.equal(session.take(other), undefined);
  const granted = { token: other.words.nextToken(), abandoned: false };
  session.granted(other, granted);
  const taken = session.take(other);
  assert.ok(taken !== undefined && taken.token > granted.token);
  assert.equal(session.give(other, granted.token), false, "that was an earlier one");
  assert.equal(session.give(other, taken.token), true);
  assert.equal(session.take(place), undefined, "of another lock nothing is known");
});
