/** @file Draws the small multiples anew when the board has grown since the build. */

import type { MultiplesKind } from "../components/charts/multiples.ts";
import {
  NOT_BUILT,
  NO_ARROWS,
  nothingYet,
  stillFetching,
} from "../components/charts/nothing-yet.ts";
import { failureWords, serverNotice } from "../components/board/server-notice.ts";
import type { Answer } from "../data/api.ts";
import { BoardSource } from "./board/board-source.ts";
import { show } from "./show.ts";

async function run(place: HTMLElement): Promise<void> {
  const { protocol, logSize } = place.dataset;
  const isEmpty = place.querySelector(".plot") === null;
  const source = new BoardSource(protocol!, logSize);
  const usual = { ranked: "learnedComplexity", ranksCustom: false } as const;
  const request = { ...usual, hidden: false, map: false };
  /** What was built stays. */
  const giveUp = (answer: Answer<unknown>): void => {
    if (!isEmpty || answer.ok) return;
    show(serverNotice(failureWords(answer, NOT_BUILT)), place);
  };
  const first = await source.changes({ ...request, all: false });
  if (!first.ok) return giveUp(first);
  if (String(first.value?.logSize) === logSize) return; // what was built stays
  if (isEmpty && (first.value?.total ?? 0) > 0) show(stillFetching(), place);
  const answer = await source.changes({ ...request, all: true });
  if (!answer.ok || answer.value === null) return giveUp(answer);
  const { multiples } = await import("../components/charts/multiples.ts");
  const kind = place.dataset["multiples"] as MultiplesKind;
  show(multiples(kind, answer.value.rows) ?? nothingYet(...NO_ARROWS), place);
}

const place = document.querySelector<HTMLElement>("[data-multiples]");
if (place !== null) void run(place);
