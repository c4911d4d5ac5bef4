// Your browser: the jobs that run in this page's own workers, chosen as the executor "browser" of a form.

import { useEffect } from "preact/hooks";
import { attempt } from "../../../../modules/dashboard/page/notices.ts";
import { Empty } from "../../../../modules/dashboard/page/parts/empty.tsx";
import { addressOf } from "../../../../modules/dashboard/page/route.ts";
import { kindOf } from "../catalogue.ts";
import { batches } from "../here/jobs_here.ts";
import { runKindHere } from "../here/kinds_here.ts";
import { JobsHere } from "../parts/jobs_here.tsx";

/** Something to begin with. */
async function countPrimes(): Promise<void> {
  const kind = kindOf("primes");
  if (kind !== undefined) await runKindHere(kind, { n: 20_000_000 }, undefined, 8, {});
}

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
        <div class="panel">
          <Empty title="Nothing has run here">
            <a href={addressOf("submit")}>Submit</a> a job to “browser”, write one in{" "}
            <a href={addressOf("code")}>Code</a>, or{" "}
            <button type="button" class="link" onClick={() => attempt(countPrimes)}>
              count primes in it eight times
            </button>
            .
          </Empty>
        </div>
      ) : (
        batches.value.map((batch) => <JobsHere key={batch.number} batch={batch} />)
      )}
    </div>
  );
}
