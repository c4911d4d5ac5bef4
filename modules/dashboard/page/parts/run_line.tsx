// RunLine: a run in one line: what it is, how far it is or what came of it, and where to go from there.

import type { ComponentChildren } from "preact";
import type { RunView } from "../../contract.ts";
import { additions } from "../additions.ts";
import { isLocal } from "../local.ts";
import { addressOf } from "../route.ts";
import { doneOf, nameOf, resultOf, tookOf } from "../run_words.ts";

export function RunLine({ run, children }: { run: RunView; children?: ComponentChildren }) {
  const { runActions: Actions } = additions();
  const isOver = tookOf(run) !== undefined;
  const state = !isOver ? "running" : run.states.failed > 0 ? "failed" : "finished";
  return (
    <div class="run-line">
      <span class="run-name state" data-state={state}>
        {nameOf(run)}
      </span>
      {!isOver && (
        <progress max={run.jobs} value={doneOf(run)} aria-label={`Progress of ${nameOf(run)}`} />
      )}
      <span class="run-result">{resultOf(run)}</span>
      <span class="run-actions">
        {children}
        <a href={addressOf("jobs", { batch: run.id })}>Its jobs</a>
        {Actions && isOver && !run.parts.some(isLocal) && <Actions run={run} />}
      </span>
    </div>
  );
}
