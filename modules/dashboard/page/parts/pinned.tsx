// Pinned: the jobs that run, above a table that shows all, so that they are seen while others pass by.

import { useEffect, useMemo } from "preact/hooks";
import { counted } from "../format.ts";
import { JobList } from "../job_list.ts";
import type { ListQuery } from "../job_query.ts";
import { onRows } from "../live.ts";
import { addressOf } from "../route.ts";
import { Row } from "./job_row.tsx";

/** Rows at most; the rest is one click away. */
const MOST = 4;
const ROW = 38;

export function Pinned({ query }: { query: Partial<ListQuery> }) {
  const key = JSON.stringify(query);
  const list = useMemo(
    () => new JobList({ ...query, state: "running", sort: "number", order: "asc" }, () => {}),
    [key],
  );
  useEffect(() => {
    const forget = onRows((rows, more) => list.changed(rows, more));
    list.show(0, MOST);
    return () => {
      forget();
      list.stop();
    };
  }, [list]);
  list.version.value;
  const rows = Array.from({ length: Math.min(MOST, list.total) }, (_, i) => list.row(i)).filter(
    (job) => job?.state === "running",
  );
  if (rows.length === 0) return null;
  return (
    <section class="pinned panel" aria-label="Running now">
      <div class="table" role="table" aria-label="Running now">
        <div
          role="rowgroup"
          class="rows"
          style={{ height: `${rows.length * ROW}px`, "--row": `${ROW}px` }}
        >
          {rows.map((job, i) => job && <Row key={job.id} job={job} index={i} top={i * ROW} />)}
        </div>
      </div>
      {list.total > MOST && (
        <a class="pinned-more" href={addressOf("jobs", { state: "running" })}>
          {`${counted(list.total, "job")} running, show all`}
        </a>
      )}
    </section>
  );
}
