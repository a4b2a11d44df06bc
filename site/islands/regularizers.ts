/** @file Brings the page of regularizers to life: draws it anew when the board has grown, and filters it. */

import { NO_CHANGES, nothingYet } from "../components/charts/nothing-yet.ts";
import { pageApi } from "../data/api.ts";
import { filterParts } from "./filtered-parts.ts";
import { redrawGrown } from "./grown-board.ts";
import { tendReference } from "./page-reference.ts";
import { showTips } from "./tips.ts";

async function run(place: HTMLElement): Promise<void> {
  const protocol = place.dataset["protocol"]!;
  showTips(place);
  filterParts(place);
  await redrawGrown(place, nothingYet(...NO_CHANGES), async (rows) => {
    const [said, { regularizers }] = await Promise.all([
      pageApi.sentences(protocol),
      import("../components/charts/regularizers.ts"),
    ]);
    const sentences = said.ok ? said.value.sentences : [];
    const whose = { prefix: "", protocol } as const;
    return regularizers(rows, sentences, whose) ?? nothingYet(...NO_CHANGES);
  });
}

const place = document.querySelector<HTMLElement>("[data-regularizers]");
if (place !== null) void run(place);
void tendReference();
