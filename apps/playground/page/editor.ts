// The editor of the code tab, and what turns its TypeScript into JavaScript. A file of its own, loaded with the tab.
//
// It lives in a shadow root: there the editor's styles are objects and no elements, which the page's policy refuses.

import { javascript, typescriptLanguage } from "@codemirror/lang-javascript";
import { syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { classHighlighter } from "@lezer/highlight";
import { basicSetup, EditorView } from "codemirror";
import { transform } from "sucrase";
import { completeLibrary } from "./completion.ts";

export { RECIPES } from "./recipes.ts";

export interface Editor {
  readonly text: string;
  /** Shows what is wrong at a line, counted from 1; nothing, where there is no message. */
  mark(line: number | undefined, message: string | undefined): void;
  replace(text: string): void;
  close(): void;
}

const LOOKS = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--panel)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--ink)" },
  ".cm-scroller": { minHeight: "260px", maxHeight: "56vh", overflow: "auto" },
  ".cm-gutters": { color: "var(--quiet)", backgroundColor: "var(--sunken)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--ink)" },
  "& ::selection, .cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft) !important",
  },
  ".cm-panels, .cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--panel)" },
  // Not by the picture it would have: the page's policy refuses those that are no files.
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--failed)",
  },
  ".tok-keyword": { color: "var(--accent)" },
  ".tok-string, .tok-string2": { color: "var(--finished)" },
  ".tok-number, .tok-bool": { color: "var(--cancelled)" },
  ".tok-comment": { color: "var(--quiet)" },
});

/** Puts an editor into an element. */
export function openEditor(host: HTMLElement, text: string, onChange: () => void): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren();
  const view = new EditorView({
    doc: text,
    parent: root,
    root,
    extensions: [
      basicSetup,
      javascript({ typescript: true }),
      typescriptLanguage.data.of({ autocomplete: completeLibrary }),
      syntaxHighlighting(classHighlighter),
      LOOKS,
      EditorView.contentAttributes.of({ "aria-label": "Code" }),
      EditorView.updateListener.of(({ docChanged }) => {
        if (docChanged) onChange();
      }),
    ],
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    mark(line, message) {
      const { doc } = view.state;
      const at = line === undefined || line < 1 || line > doc.lines ? undefined : doc.line(line);
      const found =
        at === undefined || message === undefined
          ? []
          : [{ from: at.from, to: at.to, severity: "error" as const, message }];
      view.dispatch(setDiagnostics(view.state, found));
    },
    replace(next) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    close: () => view.destroy(),
  };
}

/** What is wrong with code that cannot be read. */
export interface CodeFault {
  readonly line: number | undefined;
  readonly message: string;
}

/**
 * Takes the types out of TypeScript. What is left stands on the lines where it stood.
 *
 * @returns JavaScript, or what is wrong.
 */
export function withoutTypes(code: string): { javascript: string } | { fault: CodeFault } {
  try {
    const { code: javascript } = transform(code, {
      transforms: ["typescript"],
      disableESTransforms: true,
      keepUnusedImports: true,
    });
    return { javascript };
  } catch (error) {
    const { loc } = error as { loc?: { line: number } };
    const message = error instanceof Error ? error.message : String(error);
    return {
      fault: { line: loc?.line, message: message.replace(/^Error transforming .*?: /, "") },
    };
  }
}
