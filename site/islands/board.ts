/** @file Brings a board's page to life: newer rows, sorting, filters, selection, comparison, copies. */

import { BoardPageState } from "./board/board-page.ts";
import { listen } from "./board/board-events.ts";
import { BoardSource, builtRows } from "./board/board-source.ts";
import { moveInTable } from "./table-keys.ts";
import { showTips } from "./tips.ts";

/** While it is looked at. A row of a server on this machine is seen within two seconds of being accepted. */
const POLL_MS = 1000;
const PATIENT_MS = 5000;

async function run(root: HTMLElement): Promise<void> {
  const page = new BoardPageState(root);
  const source = new BoardSource(page.model.protocol.name, root.dataset["logSize"]);
  let isAsking: Promise<boolean> | null = null;
  const ask = async (): Promise<boolean> => {
    const answer = await source.changes(page.wish());
    if (answer.ok) {
      if (answer.value !== null) page.take(answer.value);
      page.showOffline(null);
      return true;
    }
    if (page.model.logSize === null) page.take(await builtRows(page.model.protocol));
    page.showOffline(
      page.model.logSize === null
        ? "Nothing is known of this board here yet. The page asks again every few seconds."
        : "You see what was known before. The page asks again every few seconds.",
    );
    return false;
  };
  const askOnce = () => (isAsking ??= ask().finally(() => (isAsking = null)));
  listen(page, () => askOnce().then(askOnce));
  showTips(root);
  moveInTable(root);
  for (;;) {
    const isReached = document.hidden || (await askOnce());
    await new Promise((done) => setTimeout(done, isReached ? POLL_MS : PATIENT_MS));
  }
}

const root = document.querySelector<HTMLElement>("[data-board]");
if (root !== null) void run(root);
