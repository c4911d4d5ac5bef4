// Shell: what is around every view: the tabs, the counts, the connection, notices and the panel of a job.

import { useEffect } from "preact/hooks";
import type { JobState } from "../contract.ts";
import { additions } from "./additions.ts";
import { connection, lostAt } from "./connection.ts";
import { count, timeOfDay } from "./format.ts";
import { counts, server, storage } from "./live.ts";
import { dismiss, notices } from "./notices.ts";
import { Overlay, overlay, usePaletteKeys } from "./palette.tsx";
import { Empty } from "./parts/empty.tsx";
import { Icon } from "./parts/icon.tsx";
import { onDemand } from "./parts/on_demand.tsx";
import { addressOf, openJob, viewName } from "./route.ts";
import { isDark, switchTheme } from "./theme.ts";
import { type Found, shownViews, viewOf } from "./views/registry.ts";

const JobPanel = onDemand(async () => (await import("./views/later.ts")).JobPanel);

const STATES: readonly JobState[] = ["pending", "running", "finished", "failed", "cancelled"];

/** How many of them there are changes without a word from us: unknown, while the server is not heard. */
const GOES_ON: ReadonlySet<JobState> = new Set(["pending", "running"]);

export function Shell() {
  const asked = viewName.value;
  const { beside: Beside } = additions();
  usePaletteKeys();
  const found = viewOf(asked);
  const { view } = found;
  const title = view?.title ?? "No such view";
  useEffect(() => {
    document.title = `${title} · ${additions().title}`;
    showTab();
  }, [title]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={addressOf("live")}>
          <Mark />
          <span class="brand-name">
            futures<span class="brand-what"> {additions().brand}</span>
          </span>
        </a>
        <nav class="tabs" aria-label="Views">
          {shownViews().map(({ name, title, icon }) => (
            <a
              key={name}
              href={addressOf(name)}
              aria-current={name === view?.name ? "page" : undefined}
            >
              <Icon name={icon} />
              {title}
            </a>
          ))}
        </nav>
        <div class="top-end">
          <Tally />
          <Connection />
          <button
            type="button"
            class="quiet-button"
            title="Find and do anything (Ctrl K)"
            onClick={() => {
              overlay.value = "palette";
            }}
            aria-label="Commands"
          >
            <Icon name="search" />
          </button>
          <button
            type="button"
            class="quiet-button"
            onClick={switchTheme}
            aria-label={isDark() ? "Use light colours" : "Use dark colours"}
          >
            <Icon name={isDark() ? "sun" : "moon"} />
          </button>
        </div>
      </header>
      <StorageWarning />
      <LostWarning />
      <main
        id="main"
        tabIndex={-1}
        class="view"
        data-beside={openJob.value !== null}
        data-lost={connection.value === "lost"}
      >
        <Content key={asked} asked={asked} found={found} />
      </main>
      {openJob.value && <JobPanel key={openJob.value} id={openJob.value} />}
      {Beside && <Beside />}
      <Overlay />
      <Notices />
    </>
  );
}

/** The view that is asked for, and no other in its place. */
function Content({ asked, found: { view, isOffered } }: { asked: string; found: Found }) {
  if (view === undefined) {
    return (
      <Empty title={`There is no view “${asked.slice(0, 40)}” here`}>
        Choose one of those above, or <a href={addressOf("live")}>go to the first one</a>.
      </Empty>
    );
  }
  if (isOffered === undefined) return <p class="quiet">Loading</p>;
  if (isOffered) return <view.component />;
  return (
    <Empty title={`${view.title} is not offered by this server`}>
      It shows what runs, and takes no orders. <a href={addressOf("live")}>See what runs</a>.
    </Empty>
  );
}

/** On a narrow page the tabs scroll. By hand, for `scrollIntoView` moves where the next Tab key begins, too. */
function showTab(): void {
  const tabs = document.querySelector<HTMLElement>(".tabs");
  const current = tabs?.querySelector<HTMLElement>("[aria-current]");
  if (tabs && current) tabs.scrollLeft = current.offsetLeft - tabs.clientWidth / 2;
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <rect class="bar" x="6" y="8" width="14" height="4" rx="2" />
      <rect class="bar" x="10" y="14" width="16" height="4" rx="2" />
      <rect class="bar" x="6" y="20" width="9" height="4" rx="2" />
    </svg>
  );
}

/** How many jobs are in each state, and the way to them. */
function Tally() {
  const states = counts.value?.states;
  const isLost = connection.value === "lost";
  return (
    <ul class="tally" aria-label="Jobs by state">
      {STATES.map((state) => (
        <li key={state}>
          <a href={addressOf("jobs", { state })} data-state={state} data-none={!states?.[state]}>
            <span class="tally-word">
              {state}
              <span class="unseen">: </span>
            </span>
            <span class="tally-count">
              {states === undefined || (isLost && GOES_ON.has(state)) ? "–" : count(states[state])}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Connection() {
  const state = connection.value;
  const text = { connecting: "Connecting", live: "Connected", lost: "Reconnecting" }[state];
  const about = server.value && `${server.value.runtime}, version ${server.value.version}`;
  return (
    <span class="connection" data-state={state} role="status" title={about}>
      {text}
    </span>
  );
}

function StorageWarning() {
  const warning = storage.value?.warning;
  if (!warning) return null;
  return (
    <p class="banner" role="alert">
      <Icon name="warning" />
      {warning}
    </p>
  );
}

/** What is shown while the server is not heard is of an earlier time, and must not pass for now. */
function LostWarning() {
  if (connection.value !== "lost" || server.value === undefined) return null;
  const since = lostAt.value === undefined ? "" : ` since ${timeOfDay(lostAt.value).slice(0, 8)}`;
  return (
    <p class="banner" role="alert">
      <Icon name="warning" />
      {`The server has not been heard${since}. What is shown is of that time; what runs now is not known.`}
    </p>
  );
}

function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, refused }) => (
        <p key={id} class="notice" data-refused={refused}>
          <span>{text}</span>
          <button
            type="button"
            class="quiet-button"
            onClick={() => dismiss(id)}
            aria-label="Dismiss"
          >
            <Icon name="close" />
          </button>
        </p>
      ))}
    </div>
  );
}
