// The worker that checks types: it holds TypeScript and all declarations, and answers the editor, one question after another.

import FILES from "library-types";
import { openChecker } from "./checker.ts";
import type { Answer, Answers, Question } from "./messages.ts";

const checker = openChecker(FILES);

addEventListener("message", ({ data }: MessageEvent<Question>) => {
  postMessage({ id: data.id, found: answer(data) } satisfies Answer);
});

function answer(question: Question): Answers[keyof Answers] {
  const { code } = question;
  checker.runsIn(question.where);
  if (question.what === "faults") return checker.faults(code);
  if (question.what === "names") return checker.names(code, question.at);
  return checker.about(code, question.at, question.name);
}
