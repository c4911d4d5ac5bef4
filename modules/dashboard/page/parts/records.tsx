// Records: a list of small, like objects as a table, which is how people read it.

import { count } from "../format.ts";

/** Rows that are shown; a longer list is there whole as JSON. */
const SHOWN = 20;

/** Wider objects are no table for a panel. */
const MOST_COLUMNS = 5;

type Cell = string | number | boolean | null;
type Row = Readonly<Record<string, Cell>>;

/** Shows the lists in a result that are tables; nothing, where there are none. */
export function Records({ result }: { result: unknown }) {
  if (typeof result !== "object" || result === null) return null;
  const lists = Array.isArray(result) ? [["", result] as const] : Object.entries(result);
  return (
    <>
      {lists.map(([name, value]) => {
        const records = recordsOf(value);
        return records && <Table key={name} name={name} records={records} />;
      })}
    </>
  );
}

function Table({ name, records }: { name: string; records: readonly Row[] }) {
  const columns = Object.keys(records[0] ?? {});
  return (
    <table class="records">
      {name !== "" && <caption>{name}</caption>}
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" data-number={typeof records[0]?.[column] === "number"}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {records.slice(0, SHOWN).map((record, row) => (
          <tr key={row}>
            {columns.map((column) => {
              const cell = record[column];
              return typeof cell === "number" ? (
                <td key={column} data-number="true">
                  {Number.isInteger(cell) ? count(cell) : cell}
                </td>
              ) : (
                <td key={column}>{String(cell)}</td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A list whose members all have the same few names, each with something plain. */
function recordsOf(value: unknown): readonly Row[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const names = namesOf(value[0]);
  if (names === undefined) return undefined;
  return value.every((member) => namesOf(member) === names) ? value : undefined;
}

function namesOf(member: unknown): string | undefined {
  if (typeof member !== "object" || member === null || Array.isArray(member)) return undefined;
  const entries = Object.entries(member);
  const plain = entries.every(([, cell]) => cell === null || typeof cell !== "object");
  const few = entries.length > 0 && entries.length <= MOST_COLUMNS;
  return plain && few ? entries.map(([name]) => name).join() : undefined;
}
