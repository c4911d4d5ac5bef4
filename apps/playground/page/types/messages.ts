// What the editor asks of the worker that checks types, and what that answers.

/** Where the code is to run: what it finds there is not the same. */
export type Where = "page" | "sandbox";

/** A question about a text; `at` is where in it names are asked for. */
export type Question = { readonly id: number; readonly code: string; readonly where: Where } & (
  | { readonly what: "faults" }
  | { readonly what: "names"; readonly at: number }
  | { readonly what: "about"; readonly at: number; readonly name: string }
);

export interface TypeFault {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** What may stand at a place. */
export interface Name {
  readonly name: string;
  readonly kind: "function" | "property" | "type" | "class" | "variable" | "keyword";
}

export interface Answers {
  readonly faults: readonly TypeFault[];
  readonly names: readonly Name[];
  /** The first sentence of what the reference says of a name. */
  readonly about: string;
}

export interface Answer {
  readonly id: number;
  readonly found: Answers[keyof Answers];
}
