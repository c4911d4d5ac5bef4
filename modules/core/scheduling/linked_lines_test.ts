// Tests of lines of works that share their memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../../testing/seeded.ts";
import type { Work } from "../work/work.ts";
import { LinkedLine, LinkedLines } from "./linked_lines.ts";

interface Fake {
  order: number;
  waiting: number;
  queued: boolean;
}

test("lines that share their memory keep each its works in order, whatever is put in, taken out and cancelled", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seeded(seed);
    const below = (n: number) => Math.floor(random() * n);
    const lines = new LinkedLines();
    const all = Array.from({ length: 4 }, () => ({ line: new LinkedLine(), model: [] as Fake[] }));
    for (let step = 0; step < 2_000; step++) {
      const { line, model } = all[below(all.length)] as (typeof all)[number];
      const deed = below(10);
      // Once in a while all are emptied, and their memory is given back.
      if (deed < (step % 1_000 < 750 ? 5 : 1)) {
        const order = below(4) === 0 ? below(step + 1) + random() : step + 1;
        const work: Fake = { order, waiting: 1, queued: true };
        lines.insert(line, work as unknown as Work);
        model.push(work);
        model.sort((a, b) => a.order - b.order);
      } else if (deed === 6) {
        const [work] = model.splice(below(model.length), 1);
        if (work !== undefined) lines.remove(line, work as unknown as Work);
      } else if (deed === 7) {
        const work = model[below(model.length)];
        if (work !== undefined) work.waiting = 0;
      } else if (deed === 8 && below(8) === 0) {
        lines.compact(line);
        model.splice(0, model.length, ...model.filter((work) => work.waiting > 0));
      } else {
        while (model[0]?.waiting === 0) model.shift();
        const front = lines.front(line);
        assert.equal(front, model[0]);
        if (front === undefined) continue;
        // A work of many calls has its next one, which may have come after others.
        if (below(3) === 0) (front as unknown as Fake).order += below(50) + random();
        else (front as unknown as Fake).waiting = 0;
        model.sort((a, b) => a.order - b.order);
      }
      // What was cancelled leaves some time: where it stood, who can tell?
      const held = [...lines.of(line)];
      assert.equal(line.length, held.length);
      const isWaiting = ({ waiting }: { waiting: number }) => waiting > 0;
      assert.equal(held.filter(isWaiting).length, model.filter(isWaiting).length);
    }
  }
});
