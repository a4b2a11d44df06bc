/** @file Brings the page of training and depth to life: filters it, and draws newer configurations when they come into view. */

import { entryAddress } from "../data/entry-address.ts";
import type { BoardRow } from "../../record/board/board-row.ts";
import { nothingYet } from "../components/charts/nothing-yet.ts";
import { pageApi } from "../data/api.ts";
import { chosenConfigurations } from "../data/training-cells.ts";
import { filterParts } from "./filtered-parts.ts";
import { redrawGrown } from "./grown-board.ts";
import { tendReference } from "./page-reference.ts";
import { show } from "./show.ts";

async function run(place: HTMLElement): Promise<void> {
  filterParts(place);
  const built = new Map(
    Array.from(place.querySelectorAll<HTMLElement>("[data-cell]"), (cell) => [
      cell.dataset["cell"]!,
      cell.querySelector("[data-pictures]")!.innerHTML,
    ]),
  );
  const isDrawn = await redrawGrown(place, nothingYet(...NO_ENTRY), async (rows) => {
    const chosen = chosenConfigurations(rows);
    if (chosen.rows.length === 0) return nothingYet(...NO_ENTRY);
    const { training } = await import("../components/charts/training.ts");
    return training(chosen.rows.map(cellOf), chosen.left, "");
  });
  if (!isDrawn) return;
  for (const cell of place.querySelectorAll<HTMLElement>("[data-cell]")) {
    const kept = built.get(cell.dataset["cell"]!);
    if (kept === undefined) watcher.observe(cell);
    else cell.querySelector("[data-pictures]")!.innerHTML = kept;
  }
}

const NO_ENTRY = [
  "There is nothing to draw over training yet.",
  "It takes an entry of a named architecture.",
] as const;

const cellOf = ({ entry, arch, regs }: BoardRow) => ({
  ...{ entry, arch, regs, series: null },
  href: entryAddress(entry),
});

const watcher = new IntersectionObserver(
  (seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      void draw(target as HTMLElement);
    }
  },
  { rootMargin: "200px" },
);

async function draw(cell: HTMLElement): Promise<void> {
  const id = cell.dataset["cell"]!;
  const place = cell.querySelector("[data-pictures]")!;
  const [series, { smallPair }] = await Promise.all([
    pageApi.series(id),
    import("../components/charts/training.ts"),
  ]);
  if (!series.ok) {
    place.textContent = "The server does not answer: reload this page in a moment.";
    return;
  }
  const name = cell.querySelector("a")!.textContent;
  show(smallPair(name, series.value), place);
}

const place = document.querySelector<HTMLElement>("[data-training]");
if (place !== null) void run(place);
void tendReference();
