// Your browser: the jobs that run in this page's own workers, chosen as the executor "browser" of a form.

import { useEffect } from "preact/hooks";
import { Empty } from "../../../../modules/dashboard/page/parts/empty.tsx";
import { addressOf } from "../../../../modules/dashboard/page/route.ts";
import { batches } from "../here/jobs_here.ts";
import { JobsHere } from "../parts/jobs_here.tsx";

export function Browser() {
  useEffect(() => scrollTo(0, 0), []);
  return (
    <div class="here-view">
      <h1>Your browser</h1>
      <p class="quiet">
        The same functions, on the same kind of pool, in this page. The server knows nothing of
        these jobs, and they end with the page.
      </p>
      {batches.value.length === 0 ? (
        <Empty title="Nothing has run here">
          <p>
            <a href={addressOf("submit")}>Submit</a> a job to “browser”, or write one in{" "}
            <a href={addressOf("code")}>Code</a>.
          </p>
        </Empty>
      ) : (
        batches.value.map((batch) => <JobsHere key={batch.number} batch={batch} />)
      )}
    </div>
  );
}
