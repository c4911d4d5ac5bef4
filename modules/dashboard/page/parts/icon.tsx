// Icon: the page's pictograms, drawn as lines in the colour of the text beside them.

const PATHS = {
  lanes: "M2 4h7M5 8h9M2 12h5",
  plus: "M8 3v10M3 8h10",
  list: "M2 4h12M2 8h12M2 12h12",
  chart: "M2 13V3M2 13h12M5 10l3-4 2 2 4-5",
  compare: "M3 13V7M7 13V3M11 13V9M14 13V6",
  bolt: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
  pool: "M2 3h12v4H2zM2 9h12v4H2zM5 5h.01M5 11h.01",
  code: "M5 4 1.5 8 5 12M11 4l3.5 4L11 12",
  browser: "M2 3h12v10H2zM2 6h12M4 4.5h.01",
  stop: "M4 4h8v8H4z",
  again: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  edit: "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7 11.3 7",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  done: "M3 8.5 6.5 12 13 4.5",
  play: "M5 3l8 5-8 5z",
  pause: "M5.5 3v10M10.5 3v10",
  minus: "M3 8h10",
  fit: "M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3",
  sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z",
  search: "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.3 10.3 14 14",
  up: "M8 12V4M4.5 7.5 8 4l3.5 3.5",
  down: "M8 4v8M4.5 8.5 8 12l3.5-3.5",
  right: "M6 3.5 10.5 8 6 12.5",
  warning: "M8 2 14.5 13.5h-13zM8 6.5v3.5M8 12h.01",
  download: "M8 2v8M4.5 7 8 10.5 11.5 7M3 13.5h10",
} as const;

export type IconName = keyof typeof PATHS;

/** Draws a pictogram that says nothing by itself: the words beside it, or its button's label, do. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
