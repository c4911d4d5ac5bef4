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
  let kept = shebang;
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node) || node.pos === node.end) return;
    const children = node.getChildren(file);
    if (children.length > 0) return children.forEach(visit);
    // What is before a word is only space and comments: what looks like one in a text or a pattern is inside of a word.
    const start = node.getStart(file);
    const space = condensedSpace(program.slice(Math.max(node.pos, shebang.length), start));
    const before = kept.at(-1) ?? "\n";
    if (/\S/.test(space)) kept += space;
    else if (space.includes("\n")) kept += before === "\n" ? "" : "\n";
    else if (start > node.pos && GROW_TOGETHER.test(before + (program[start] ?? ""))) kept += " ";
    kept += program.slice(start, node.end);
  };
  visit(file);
  return kept;
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
