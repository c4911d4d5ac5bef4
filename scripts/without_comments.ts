// Takes the comments out of JavaScript, but for those that tools and lawyers read. Lines stay lines, for whoever sees them in a stack.

import ts from "typescript";

/** What bundlers are told, and licences. */
const NOT_FOR_PEOPLE = /webpackIgnore|@vite-ignore|[@#]__PURE__|^\/\*!|@license/;

/** The same program without its comments, and without the lines that had nothing else. */
export function withoutComments(program: string): string {
  let kept = "";
  let from = 0;
  for (const { pos, end } of commentsOf(program)) {
    if (NOT_FOR_PEOPLE.test(program.slice(pos, end))) continue;
    const [start, stop] = widened(program, pos, end);
    kept += program.slice(from, start);
    from = stop;
    // Nothing must grow together.
    if (/\w$/.test(kept) && /\w/.test(program[from] ?? "")) kept += " ";
  }
  return kept + program.slice(from);
}

/** In order. A shebang is none. */
function commentsOf(program: string): ts.TextRange[] {
  const file = ts.createSourceFile("program.js", program, ts.ScriptTarget.Latest);
  const found = new Map<number, ts.TextRange>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    // What is before a node is only space and comments: what looks like one in a text or a pattern is not found.
    for (const range of [
      ...(ts.getLeadingCommentRanges(program, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(program, node.pos) ?? []),
    ])
      found.set(range.pos, range);
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  return [...found.values()].sort((a, b) => a.pos - b.pos);
}

/** With the spaces before, if the line ends here; with the line, if nothing else is in it. */
function widened(program: string, pos: number, end: number): readonly [start: number, end: number] {
  if (program[end] !== "\n") return [pos, end];
  const [spaces = ""] = /[ \t]*$/.exec(program.slice(Math.max(0, pos - 200), pos)) ?? [];
  const start = pos - spaces.length;
  return start === 0 || program[start - 1] === "\n" ? [start, end + 1] : [start, end];
}
