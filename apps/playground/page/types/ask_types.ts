// askTypes: the editor's end of the worker that checks types. That one is larger than all else of the page, so it is loaded when
// it is asked for the first time, and the editor does without where it cannot be.

import type { Answer, Answers, Question, Where } from "./messages.ts";

export interface Types {
  /** Whether there is nobody to ask: its worker could not be loaded, or was closed. */
  readonly isLost: boolean;
  /** Says where what is asked about is to run. At first: in the page. */
  runsIn(where: Where): void;
  /** What is wrong with a text; nothing where that cannot be told. */
  faults(code: string): Promise<Answers["faults"]>;
  /** What may stand at a place of it. */
  names(code: string, at: number): Promise<Answers["names"]>;
  /** What the reference says of one of these. */
  about(code: string, at: number, name: string): Promise<Answers["about"]>;
  close(): void;
}

export function askTypes(): Types {
  /** By number: takes the answer, or that there is none. */
  const waiting = new Map<number, (found?: Answer["found"]) => void>();
  let worker: Worker | undefined;
  let isLost = false;
  let asked = 0;
  let where: Where = "page";

  function start(): Worker {
    const started = new Worker(new URL("./types.js", import.meta.url), { type: "module" });
    started.onmessage = ({ data }: MessageEvent<Answer>) => {
      waiting.get(data.id)?.(data.found);
      waiting.delete(data.id);
    };
    started.onerror = close;
    return started;
  }

  /** Nobody waits for what does not come any more. */
  function close(): void {
    isLost = true;
    worker?.terminate();
    for (const tell of waiting.values()) tell();
    waiting.clear();
  }

  type Asked<What> = Omit<Extract<Question, { what: What }>, "id" | "where">;
  function ask<What extends keyof Answers>(question: Asked<What>, none: Answers[What]) {
    return new Promise<Answers[What]>((resolve) => {
      if (isLost) return resolve(none);
      worker ??= start();
      const id = asked++;
      waiting.set(id, (found = none) => resolve(found as Answers[What]));
      worker.postMessage({ ...question, where, id });
    });
  }

  return {
    get isLost() {
      return isLost;
    },
    runsIn(next) {
      where = next;
    },
    faults: (code) => ask<"faults">({ what: "faults", code }, []),
    names: (code, at) => ask<"names">({ what: "names", code, at }, []),
    about: (code, at, name) => ask<"about">({ what: "about", code, at, name }, ""),
    close,
  };
}
