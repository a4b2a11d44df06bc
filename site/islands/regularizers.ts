/** @file Brings the page of regularizers to life: draws it anew when the board has grown, and filters it. */

import { NO_ARROWS, nothingYet } from "../components/charts/nothing-yet.ts";
import { pageApi } from "../data/api.ts";
import { BoardReference } from "./board/board-reference.ts";
import { filterParts } from "./filtered-parts.ts";
import { redrawGrown } from "./grown-board.ts";
import { showTips } from "./tips.ts";

async function run(place: HTMLElement): Promise<void> {
  const protocol = place.dataset["protocol"]!;
  showTips(place);
  filterParts(place);
  await redrawGrown(place, async (rows) => {
    const [said, { regularizers }] = await Promise.all([
      pageApi.sentences(protocol),
      import("../components/charts/regularizers.ts"),
    ]);
    const sentences = said.ok ? said.value.sentences : [];
    const whose = { prefix: "", protocol, isComparable: true } as const;
    return regularizers(rows, sentences, whose) ?? nothingYet(...NO_ARROWS);
  });
}

/** Gone where the board's log was seeded from it: then the board shows it. */
async function runReference(place: HTMLElement): Promise<void> {
  showTips(place);
  filterParts(place);
  if (!(await new BoardReference(place).isApart())) place.remove();
}

const place = document.querySelector<HTMLElement>("[data-regularizers]");
if (place !== null) void run(place);
const reference = document.querySelector<HTMLElement>("[data-reference]");
if (reference !== null) void runReference(reference);
