// JobTable: a list of jobs of any length, of which only the rows in view exist.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { counted } from "../format.ts";
import type { JobList } from "../job_list.ts";
import { growsInFront, isNarrowed } from "../job_query.ts";
import { addressOf, asked } from "../route.ts";
import { Empty } from "./empty.tsx";
import { Head, Row } from "./job_row.tsx";

/** Rows above and below those in view, so that scrolling finds them drawn. */
const BEYOND = 8;

/** Places of rows that are shown before it is known how many there are. */
const NOT_KNOWN = 12;

const ROW = 38;
/** In a narrow table a row has two lines. */
const NARROW_ROW = 66;
const NARROW = 640;

export function JobTable({
  list,
  grown,
}: {
  list: JobList;
  grown: { current: (rows: number) => void };
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = useSignal(ROW);
  const view = useSignal({ first: 0, last: 40 });

  // Whoever reads further down keeps what they read in place while new rows come in above.
  grown.current = (rows) => {
    const element = scroller.current;
    if (growsInFront() && element && element.scrollTop > ROW) {
      element.scrollTop += rows * rowHeight.peek();
    }
  };

  function look(): void {
    const element = scroller.current;
    if (element === null) return;
    rowHeight.value = element.clientWidth <= NARROW ? NARROW_ROW : ROW;
    const first = Math.floor(element.scrollTop / rowHeight.peek());
    const last = first + Math.ceil(element.clientHeight / rowHeight.peek());
    const now = view.peek();
    if (now.first !== first || now.last !== last) view.value = { first, last };
    list.show(first, last);
  }

  useEffect(() => {
    const resized = new ResizeObserver(look);
    resized.observe(scroller.current as HTMLElement);
    look();
    return () => resized.disconnect();
  }, []);

  // Read here, because a component that is given the same again is not drawn again.
  list.version.value;
  const height = rowHeight.value;
  const from = Math.max(0, view.value.first - BEYOND);
  const total = list.known || list.refused !== undefined ? list.total : NOT_KNOWN;
  const to = Math.min(total, view.value.last + BEYOND);
  const rows = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  const narrowed = isNarrowed();
  return (
    <>
      <div
        class="table panel"
        role="table"
        aria-label="Jobs"
        aria-rowcount={list.total + 1}
        data-narrow={height === NARROW_ROW}
      >
        <div class="scroller" ref={scroller} onScroll={look}>
          <Head />
          <div
            role="rowgroup"
            class="rows"
            style={{ height: `${total * height}px`, "--row": `${height}px` }}
            onKeyDown={moveFocus}
          >
            {rows.map((index) => {
              const job = list.row(index);
              return job ? (
                <Row key={job.id} job={job} index={index} top={index * height} />
              ) : (
                <div
                  key={`missing ${index}`}
                  class="row row-missing"
                  role="row"
                  style={{ transform: `translateY(${index * height}px)` }}
                />
              );
            })}
          </div>
          {list.refused !== undefined && (
            <Empty title="There is no such list">
              {list.refused}. <a href={addressOf("jobs")}>Show all jobs</a>.
            </Empty>
          )}
          {list.known && list.total === 0 && (
            <Empty title={narrowed || asked("state") ? "No jobs match" : "No jobs yet"}>
              {narrowed || asked("state") ? (
                <>
                  Nothing that is known now matches what is asked for.{" "}
                  <a href={addressOf("jobs")}>Show all jobs</a>.
                </>
              ) : (
                <>
                  Every job that is submitted gets a row here, and keeps it after it is done.{" "}
                  <a href={addressOf("live")}>Start some samples</a> or{" "}
                  <a href={addressOf("submit")}>submit one of your own</a>.
                </>
              )}
            </Empty>
          )}
        </div>
      </div>
      <p class="table-foot hint" role="status">
        {list.refused === undefined &&
          `${list.known ? counted(list.total, "job") : "Loading"}${narrowed ? (list.total === 1 ? " matches" : " match") : ""}`}
      </p>
    </>
  );
}

/** Up and down go from row to row, as in a list. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" } as const;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const row = (event.target as Element).closest(".row");
  const next = row?.[step[event.key]]?.querySelector<HTMLElement>(".job-link");
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.closest(".row")?.scrollIntoView({ block: "nearest" });
}
