// Shapes: which fields objects have, told to the reader of a ring once, and by a number from then on. What a program passes on
// are objects of a few kinds, thousands of each.
//
// Numbers count up from 0. When there are too many the writer begins anew with 0, and by that the reader knows that all it was
// told is forgotten.

/** So many shapes are known at a time. Objects that are used as tables, with names as they come, have a new one each. */
export const MOST_SHAPES = 512;
/** So many fields an object may have that goes through a ring. */
export const MOST_FIELDS = 32;
/** So long may their names be. */
export const LONGEST_NAME = 64;

/** The names are kept as a tree: each object walks down by its own. So many are in it at most. */
const MOST_NAMES = 16 * MOST_SHAPES;

/** The fields up to one of them, and where the next ones lead. */
class Fields {
  /** That of the shape which has just these; less than 0 while the reader knows of none. */
  number = -1;
  next: Map<string, Fields> | undefined = undefined;
}

/** The writer's side. */
export class ShapeWriter {
  #root = new Fields();
  #names = 0;
  /** Those that have numbers. */
  #numbered: Fields[] = [];
  #committed = 0;

  /** The number of the shape that has these fields, in this order; less than 0 if it has to be defined. */
  numberOf(names: readonly string[]): number {
    let fields: Fields | undefined = this.#root;
    for (const name of names) {
      fields = fields.next?.get(name);
      if (fields === undefined) return -1;
    }
    return fields.number;
  }

  /** Gives it a number, which the reader has to be told with the names. */
  define(names: readonly string[]): number {
    if (this.#numbered.length >= MOST_SHAPES || this.#names >= MOST_NAMES) this.#forget();
    let fields = this.#root;
    for (const name of names) {
      fields.next ??= new Map();
      let next = fields.next.get(name);
      if (next === undefined) {
        next = new Fields();
        fields.next.set(name, next);
        this.#names++;
      }
      fields = next;
    }
    fields.number = this.#numbered.length;
    this.#numbered.push(fields);
    return fields.number;
  }

  /** What was defined shows, or will. */
  commit(): void {
    this.#committed = this.#numbered.length;
  }

  /** The reader will never hear of what was defined since. */
  rollBack(): void {
    while (this.#numbered.length > this.#committed) (this.#numbered.pop() as Fields).number = -1;
  }

  #forget(): void {
    this.#root = new Fields();
    this.#names = 0;
    this.#numbered = [];
    this.#committed = 0;
  }
}

/** A shape, as its reader needs it. */
export interface Shape {
  readonly names: readonly string[];
  /** Has all the fields. A copy of it is filled: to give an object a field it has not asks the prototype of all objects. */
  readonly empty: Readonly<Record<string, unknown>>;
}

/** The reader's side. */
export class ShapeReader {
  readonly #shapes: Shape[] = [];

  /**
   * Takes a shape that the writer defines.
   *
   * @throws {RangeError} For a number that is not the next one.
   */
  define(number: number, names: readonly string[]): Shape {
    if (number === 0) this.#shapes.length = 0;
    if (number !== this.#shapes.length || number >= MOST_SHAPES)
      throw new RangeError(`Cannot read shared memory: shape ${number} comes out of turn`);
    const shape = { names, empty: emptyOf(names) };
    this.#shapes.push(shape);
    return shape;
  }

  /** @throws {RangeError} For a number that has not been defined. */
  at(number: number): Shape {
    const shape = this.#shapes[number];
    if (shape === undefined)
      throw new RangeError(`Cannot read shared memory: there is no shape ${number}`);
    return shape;
  }
}

function emptyOf(names: readonly string[]): Record<string, unknown> {
  const empty: Record<string, unknown> = {};
  for (const name of names) {
    // Of its own, whatever the prototype of all objects has by that name.
    Object.defineProperty(empty, name, {
      value: undefined,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    // Engines note what kind of values a field has had: of this one they shall expect any.
    empty[name] = 0;
    empty[name] = 0.5;
    empty[name] = undefined;
  }
  return empty;
}
