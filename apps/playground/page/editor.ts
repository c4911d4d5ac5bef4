// The editor of the code tab, and what turns its TypeScript into JavaScript. A file of its own, loaded with the tab.
//
// It lives in a shadow root: there the editor's styles are objects and no elements, which the page's policy refuses.

import { typescriptLanguage } from "@codemirror/lang-javascript";
import { syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { classHighlighter } from "@lezer/highlight";
import { basicSetup, EditorView } from "codemirror";
import { transform } from "sucrase";
import { askTypes, type Types } from "./types/ask_types.ts";
import type { Where } from "./types/messages.ts";

export { RECIPES } from "./recipes.ts";

export interface Editor {
  readonly text: string;
  /** Shows what is wrong at a line, counted from 1; nothing, where there is no message. */
  mark(line: number | undefined, message: string | undefined): void;
  replace(text: string): void;
  /** Checks types as they are where the code is to run. */
  runsIn(where: Where): void;
  close(): void;
}

/** Milliseconds without a key until types are checked: what is half typed is wrong anyway. */
const QUIET_MS = 300;

const LOOKS = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--panel)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-content": { fontFamily: "var(--mono)", caretColor: "var(--ink)" },
  ".cm-scroller": {
    minHeight: "var(--editor-least, 260px)",
    maxHeight: "var(--editor-most, 56vh)",
    overflow: "auto",
  },
  ".cm-gutters": { color: "var(--quiet)", backgroundColor: "var(--sunken)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  "&.cm-focused .cm-cursor": { borderLeftColor: "var(--ink)" },
  "@media (prefers-reduced-motion: reduce)": {
    "& .cm-cursorLayer": { animation: "none !important" },
  },
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

export interface EditorOptions {
  readonly text: string;
  readonly where: Where;
  onChange(): void;
  /** Told each time that types have been checked: the first time takes a second, for all of TypeScript is loaded for it. */
  onChecked(): void;
}

/** Puts an editor into an element, for code that is to run somewhere. */
export function openEditor(
  host: HTMLElement,
  { text, where, onChange, onChecked }: EditorOptions,
): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren();
  const types = askTypes();
  types.runsIn(where);
  /** What types say, and what the last run said: each may come and go without the other. */
  let typeFaults: readonly Diagnostic[] = [];
  let runFaults: readonly Diagnostic[] = [];
  let checking: ReturnType<typeof setTimeout> | undefined;

  const show = () => view.dispatch(setDiagnostics(view.state, [...typeFaults, ...runFaults]));

  async function check(): Promise<void> {
    const { doc } = view.state;
    const faults = await types.faults(doc.toString());
    if (!types.isLost) onChecked();
    // Of what has been changed meanwhile the next answer tells.
    if (view.state.doc !== doc) return;
    typeFaults = faults.map((fault) => ({ ...fault, severity: "error" }));
    show();
  }

  const view = new EditorView({
    doc: text,
    parent: root,
    root,
    extensions: [
      basicSetup,
      typescriptLanguage,
      typescriptLanguage.data.of({ autocomplete: completionBy(types) }),
      syntaxHighlighting(classHighlighter),
      LOOKS,
      EditorView.contentAttributes.of({ "aria-label": "Code" }),
      EditorView.updateListener.of(({ docChanged, changes }) => {
        if (!docChanged) return;
        typeFaults = typeFaults.map((fault) => ({
          ...fault,
          from: changes.mapPos(fault.from),
          to: changes.mapPos(fault.to),
        }));
        clearTimeout(checking);
        checking = setTimeout(check, QUIET_MS);
        onChange();
      }),
    ],
  });
  void check();
  return {
    get text() {
      return view.state.doc.toString();
    },
    mark(line, message) {
      const { doc } = view.state;
      const at = line === undefined || line < 1 || line > doc.lines ? undefined : doc.line(line);
      runFaults =
        at === undefined || message === undefined
          ? []
          : [{ from: at.from, to: at.to, severity: "error", message }];
      show();
    },
    replace(next) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    runsIn(next) {
      types.runsIn(next);
      void check();
    },
    close() {
      clearTimeout(checking);
      types.close();
      view.destroy();
    },
  };
}

/** What the editor tells of a place where names are completed, as far as it is asked. */
interface Place {
  readonly pos: number;
  /** Whether the reader asked for names, by a key. */
  readonly explicit: boolean;
  readonly state: { readonly doc: { toString(): string } };
  matchBefore(pattern: RegExp): { readonly from: number; readonly text: string } | null;
}

/** Offers what types say may stand at a place; after a point, and once a name is begun. */
function completionBy(types: Types) {
  return async (place: Place) => {
    const { pos, explicit, state } = place;
    const code = state.doc.toString();
    const word = place.matchBefore(/[\w$]*/);
    const from = word?.from ?? pos;
    if (from === pos && !explicit && code[pos - 1] !== ".") return null;
    const names = await types.names(code, pos);
    const options = names.map(({ name, kind }) => ({
      label: name,
      type: kind,
      async info() {
        const text = await types.about(code, pos, name);
        return text === "" ? null : document.createTextNode(text);
      },
    }));
    return { from, options, validFor: /^[\w$]*$/ };
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
