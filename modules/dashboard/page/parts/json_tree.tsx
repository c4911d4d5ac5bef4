// JsonTree: any JSON value as text that can be folded. Everything in it is text, whoever wrote it.

import { useSignal } from "@preact/signals";
import { count } from "../format.ts";

/** Members of one list or object that are drawn at first; the rest on demand. */
const AT_FIRST = 100;

/** Longer texts are folded. */
const LONG_TEXT = 400;

/** What opens by itself is small, so that a first look needs no click. */
const OPEN_MEMBERS = 12;
const OPEN_DEPTH = 2;

export function JsonTree({ value, label }: { value: unknown; label: string }) {
  return (
    <ul class="json" aria-label={label}>
      <Node name={undefined} value={value} depth={0} />
    </ul>
  );
}

function Node({ name, value, depth }: { name: string | undefined; value: unknown; depth: number }) {
  if (typeof value !== "object" || value === null) {
    return (
      <li>
        <Name name={name} />
        <Leaf value={value} />
      </li>
    );
  }
  return <Branch name={name} value={value} depth={depth} />;
}

function Branch({
  name,
  value,
  depth,
}: {
  name: string | undefined;
  value: object;
  depth: number;
}) {
  const isList = Array.isArray(value);
  const members: [string, unknown][] = isList
    ? value.map((member, i) => [String(i), member])
    : Object.entries(value);
  const open = useSignal(depth < OPEN_DEPTH && members.length <= OPEN_MEMBERS);
  const shown = useSignal(AT_FIRST);
  const [start, end] = isList ? ["[", "]"] : ["{", "}"];
  if (members.length === 0) {
    return (
      <li>
        <Name name={name} />
        <span class="json-mark">
          {start}
          {end}
        </span>
      </li>
    );
  }
  return (
    <li>
      <button
        type="button"
        class="json-fold"
        aria-expanded={open.value}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <Name name={name} />
        <span class="json-mark">{start}</span>
        {!open.value && (
          <span class="json-more">
            {isList ? `${count(members.length)} items` : preview(members)}
          </span>
        )}
        {!open.value && <span class="json-mark">{end}</span>}
      </button>
      {open.value && (
        <>
          <ul>
            {members.slice(0, shown.value).map(([key, member]) => (
              <Node key={key} name={key} value={member} depth={depth + 1} />
            ))}
          </ul>
          {members.length > shown.value && (
            <button
              type="button"
              class="link"
              onClick={() => {
                shown.value += 10 * AT_FIRST;
              }}
            >
              {count(members.length - shown.value)} more
            </button>
          )}
          <span class="json-mark">{end}</span>
        </>
      )}
    </li>
  );
}

function Name({ name }: { name: string | undefined }) {
  return name === undefined ? null : <span class="json-name">{name}: </span>;
}

function Leaf({ value }: { value: unknown }) {
  const whole = useSignal(false);
  if (typeof value !== "string") {
    return <span class={`json-${value === null ? "null" : typeof value}`}>{String(value)}</span>;
  }
  const cut = value.length > LONG_TEXT && !whole.value;
  return (
    <span class="json-string">
      {JSON.stringify(cut ? value.slice(0, LONG_TEXT) : value)}
      {cut && (
        <button
          type="button"
          class="link"
          onClick={() => {
            whole.value = true;
          }}
        >
          {count(value.length - LONG_TEXT)} more characters
        </button>
      )}
    </span>
  );
}

/** The first names of a folded object, so that it need not be opened to be known. */
function preview(members: [string, unknown][]): string {
  const names = members.slice(0, 4).map(([name]) => name);
  return `${names.join(", ")}${members.length > 4 ? ", …" : ""}`;
}
