/** @file Brings a board's page to life: newer rows, sorting, filters, selection, comparison, copies. */

import { BoardPageState } from "./board/shown-board.ts";
import { exploreMap } from "./board/explored-map.ts";
import { listen } from "./board/board-events.ts";
import { createUpdates } from "./board/updates.ts";
import { moveInTable } from "./table-keys.ts";
import { showTips } from "./tips.ts";

async function run(root: HTMLElement): Promise<void> {
  const page = new BoardPageState(root);
  const update = createUpdates(page);
  let isAsking: Promise<number> | null = null;
  const ask = () => (isAsking ??= update().finally(() => (isAsking = null)));
  const changed = () => ask().then(ask); // the first may have begun before something else was wanted
  listen(page, changed);
  exploreMap(page, changed);
  showTips(root);
  moveInTable(root);
  for (let seconds = 0; seconds < Infinity;) {
    if (!document.hidden) seconds = await ask();
    await new Promise((done) => setTimeout(done, 1000 * Math.max(1, Math.min(seconds, 600))));
  }
}

const root = document.querySelector<HTMLElement>("[data-board]");
if (root !== null) void run(root);
