/** @file Asks the server for what is newer than the page, and says on the page when it cannot be had. */

import { TOO_OLD, boardFailureWords } from "../../components/board/server-notice.ts";
import type { Failure } from "../../data/api.ts";
import type { BoardRows } from "../../data/board-model.ts";
import { writeView } from "../../data/board-view.ts";
import { type BoardPageState, replacePart, showNotice } from "./shown-board.ts";
import { OpenChallenges } from "./open-challenges.ts";
import { BoardSource, SentenceSource, builtRows } from "./board-source.ts";

/** While the board is looked at. A row of a server on this machine is seen within two seconds of being accepted. */
const POLL_SECONDS = 1;
const PATIENT_SECONDS = 5;
/** Between two tries of what this page could not show. */
const TOO_OLD_SECONDS = 60;
const MOST_PATIENT_SECONDS = 600;

/** @returns asks once, and answers how many seconds to wait before the next time; Infinity: there is none. */
export function createUpdates(page: BoardPageState): () => Promise<number> {
  const { name } = page.model.protocol;
  const source = new BoardSource(name, page.root.dataset["logSize"]);
  const sentences = new SentenceSource(name);
  const training = new OpenChallenges(name);
  let isServed = false;
  let refusedUntil = 0;

  const ask = async (): Promise<number> => {
    const wait = (refusedUntil - Date.now()) / 1000;
    if (wait > 0) return wait;
    const answer = await source.changes(page.rowsRequest());
    return answer.ok ? show(answer.value) : explain(answer);
  };

  async function show(board: BoardRows | null): Promise<number> {
    isServed = true;
    if (board !== null) {
      await page.take(board);
      sentences.boardChanged(Date.now());
    }
    showNotice(page.root, null);
    void tell(); // rows do not wait for what is said of them
    if (page.model.rows.length === 0)
      void training.now(Date.now()).then((open) => {
        if (open !== null) page.takeTraining(open);
      });
    return POLL_SECONDS;
  }

  async function tell(): Promise<void> {
    const said = await sentences.changes(Date.now(), page.view.custom === "ranked");
    if (said !== null) page.takeSentences(said);
  }

  async function explain(failure: Failure): Promise<number> {
    const built = page.isKnown ? null : await builtRows(page.model.protocol);
    if (built !== null) await page.take(built);
    const seconds = patience(failure, isServed);
    if (failure.reason === "refused" || seconds === Infinity)
      refusedUntil = Date.now() + 1000 * seconds;
    const hasRows = page.isKnown || page.root.dataset["logSize"] !== undefined;
    if (!hasRows && seconds === Infinity) replacePart(page.root, "empty", null); // it promised some
    showNotice(page.root, boardFailureWords(failure, hasRows, seconds));
    return seconds;
  }

  // Where the build has left none, they are here before the rows, and take as long to draw as a table's line.
  const isUsual = writeView(page.view) === "";
  if (isUsual && page.isUnbuilt) void tell();

  return () =>
    ask().catch((error: unknown) => {
      reportError(error);
      source.forget();
      showNotice(page.root, TOO_OLD);
      return TOO_OLD_SECONDS;
    });
}

/** @param isServed has the server ever answered? Then it comes back; else there is none, or none for this board. */
function patience(failure: Failure, isServed: boolean): number {
  if (failure.reason === "refused")
    return Math.min(
      MOST_PATIENT_SECONDS,
      Math.max(PATIENT_SECONDS, failure.retryAfterSeconds ?? 0),
    );
  return failure.reason === "offline" || isServed ? PATIENT_SECONDS : Infinity;
}
