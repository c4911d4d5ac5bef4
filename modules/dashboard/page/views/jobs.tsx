// Jobs: all jobs as a live table, narrowed and sorted by the URL.

import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { JobList } from "../job_list.ts";
import { readQuery } from "../job_query.ts";
import { onRows } from "../live.ts";
import { BulkActions } from "../parts/bulk_actions.tsx";
import { Filters, StateTabs } from "../parts/job_filters.tsx";
import { JobTable } from "../parts/job_table.tsx";

export function Jobs() {
  const key = useComputed(() => JSON.stringify(readQuery())).value;
  const grown = useRef<(rows: number) => void>(() => {});
  const list = useMemo(() => new JobList(readQuery(), (rows) => grown.current(rows)), [key]);
  useEffect(() => {
    const forget = onRows((rows, more) => list.changed(rows, more));
    return () => {
      forget();
      list.stop();
    };
  }, [list]);
  list.version.value;
  return (
    <div class="jobs">
      <h1 class="unseen">Jobs</h1>
      <StateTabs list={list} />
      <div class="jobs-bar">
        <Filters />
        <BulkActions query={readQuery()} total={list.total} counts={list.counts} />
      </div>
      <JobTable key={key} list={list} grown={grown} />
    </div>
  );
}
