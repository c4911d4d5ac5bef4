// Which cases apply to which subjects, and the reasons given where they do not.
import type { Subject, SubjectTraits } from "./subject.ts";

/** What a case's `applies` answers. */
export type Applies = (subject: Subject) => true | string;

/** Traits that most subjects have, and need not tell. */
type AskedTrait = keyof Pick<
  SubjectTraits,
  "ownsWorkers" | "links" | "ownsWaiting" | "anyModule" | "readsInWorkers"
>;

const NO_WORKERS = "tasks run by a direct call on the host's own event loop: there is no worker";
const SHARED_REALM =
  "a fake worker lives in the host's realm: it has no memory or thread of its own";

/** A promise about futures and executors as such. */
export const everywhere: Applies = () => true;

/** What a rule asks for beside itself: a trait that is there unless the subject says that it is not. */
function asking(trait: AskedTrait, why: string) {
  return (rule: Applies = everywhere): Applies =>
    (subject) => {
      const applies = rule(subject);
      return applies !== true || subject.traits[trait] !== false ? applies : why;
    };
}

/** Of promises about workers that the executor starts, counts, names, watches and ends itself. */
export const withOwnWorkers = asking(
  "ownsWorkers",
  "its workers are others': who starts, names, watches and ends them keeps this promise",
);

/** Of promises about what calls and their host say to each other while they run. */
export const withLinks = asking(
  "links",
  "it carries outcomes: no call has a link to the program that waits for it",
);

/** Of promises about calls that wait: they are taken back, held or limited at once, and are seen to begin. */
export const withOwnWaiting = asking(
  "ownsWaiting",
  "its calls wait elsewhere: whether one has begun is known there, and heard of here later",
);

/** Of promises about tasks of modules that nobody has named before. */
export const withAnyModule = asking(
  "anyModule",
  "the modules of all tasks are named when the executor is made",
);

/** Of promises about classes that a task's module registers. */
export const readInWorkers = asking(
  "readsInWorkers",
  "values are read before they come to a worker: what registers their classes is to be imported there, too",
);

/** A promise about workers. */
export const withWorkers: Applies = ({ traits }) => traits.workers || NO_WORKERS;

/** A promise about what is left of a worker that exits. */
export const withExitCodes: Applies = (subject) => {
  const workers = withWorkers(subject);
  if (workers !== true) return workers;
  return subject.traits.exitCodes !== false || "workers leave no exit code here";
};

/** A promise about values that are copied. */
export const withCloning: Applies = ({ traits }) =>
  traits.clones || "arguments and results pass by reference: nothing is cloned";

/** A promise about workers with threads, modules and memory of their own. */
export const withRealWorkers: Applies = ({ traits }) => {
  if (!traits.workers) return NO_WORKERS;
  return traits.isolated || SHARED_REALM;
};

/** A promise about workers that are processes. */
export const withProcesses: Applies = (subject) => {
  const real = withRealWorkers(subject);
  if (real !== true) return real;
  return (
    subject.traits.processes || "a worker that is a thread cannot be killed without its program"
  );
};

/** A promise about workers that are threads. */
export const withThreads: Applies = (subject) => {
  const real = withRealWorkers(subject);
  if (real !== true) return real;
  return !subject.traits.processes || "only a worker that is a thread can do that";
};

/** A promise about a direct call. */
export const inProcessOnly: Applies = ({ traits }) =>
  !traits.workers || "only an in-process executor takes a function that has no name";

/** A promise about a whole program. */
export const withScripts: Applies = ({ script }) =>
  script !== undefined || "it is part of no program whose end could be watched";

/** A promise about a whole program with workers. */
export const withWorkerScripts: Applies = (subject) => {
  const workers = withWorkers(subject);
  return workers === true ? withScripts(subject) : workers;
};
