// Takes out of a program what only those need who read it: comments, but for those that tools and lawyers read, and space.
// Lines stay lines, for whoever sees them in a stack.

import ts from "typescript";

/** What bundlers are told, and licences. */
const NOT_FOR_PEOPLE = /webpackIgnore|@vite-ignore|[@#]__PURE__|^\/\*!|@license/;

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/** The ends of words between which there must be space: names, signs that would be one sign, and a number with a point. */
const GROW_TOGETHER = /[\p{ID_Continue}$][\p{ID_Continue}$#\\]|\+\+|--|\/\/|\d\./u;

/** The same program, shorter. */
export function condensed(program: string): string {
  const [shebang = ""] = /^#!.*\n/.exec(program) ?? [];
  const file = ts.createSourceFile("program.ts", program, ts.ScriptTarget.Latest);
  const kept = [shebang];
  // Apart: to look at the end of a text that grows, the engine would copy it whole each time.
  let last = shebang.at(-1) ?? "\n";
  const keep = (part: string): void => {
    kept.push(part);
    last = part.at(-1) ?? last;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node) || node.pos === node.end) return;
    const children = node.getChildren(file);
    if (children.length > 0) return children.forEach(visit);
    // What is before a word is only space and comments: what looks like one in a text or a pattern is inside of a word.
    const start = node.getStart(file);
    const space = condensedSpace(program.slice(Math.max(node.pos, shebang.length), start));
    if (/\S/.test(space)) keep(space);
    else if (space.includes("\n")) keep(last === "\n" ? "" : "\n");
    else if (start > node.pos && GROW_TOGETHER.test(last + (program[start] ?? ""))) keep(" ");
    keep(program.slice(start, node.end));
  };
  visit(file);
  return kept.join("");
}

function condensedSpace(space: string): string {
  return space
    .replaceAll(COMMENT, (comment) => {
      if (NOT_FOR_PEOPLE.test(comment)) return comment;
      // A statement may end at the end of a line, inside of a comment, too.
      return comment.includes("\n") ? "\n" : "";
    })
    .replaceAll(/\s*\n\s*/g, "\n");
}
