/** @file Brings the page of regularizers to life: draws it anew when the board has grown, and filters it. */

import type { VNode } from "preact";
import { NO_CHANGES, nothingYet } from "../components/charts/nothing-yet.ts";
import { pageApi } from "../data/api.ts";
import { type Child, h } from "../markup/element.ts";
import { filterParts } from "./filtered-parts.ts";
import { redrawGrown } from "./grown-board.ts";
import { tendReference } from "./page-reference.ts";
import { show } from "./show.ts";
import { showTips } from "./tips.ts";

const wordsModule = () => import("../components/charts/regularizer-words.ts");

/** Words do not wait for the chart library. */
function before(words: readonly Child[]): VNode {
  const late = h("div", { class: "late faint", key: "late" }, "Drawing…");
  return h("div", { class: "regularizers multiples", "data-filtered": "" }, ...words, late);
}

async function run(place: HTMLElement): Promise<void> {
  const protocol = place.dataset["protocol"]!;
  showTips(place);
  filterParts(place);
  const isUnbuilt = place.querySelector(".plot") === null;
  if (isUnbuilt) wordsModule().catch(() => undefined); // needed once rows are here, and missed there
  await redrawGrown(place, nothingYet(...NO_CHANGES), async (rows) => {
    const [answer, { regularizerWords }] = await Promise.all([
      pageApi.sentences(protocol),
      wordsModule(),
    ]);
    const sentences = answer.ok ? answer.value.sentences : [];
    const whose = { prefix: "", protocol } as const;
    const said = regularizerWords(rows, sentences, whose);
    if (said === null) return nothingYet(...NO_CHANGES);
    if (isUnbuilt) show(before(said.words), place);
    const { regularizers } = await import("../components/charts/regularizers.ts");
    return regularizers(rows, sentences, whose)!;
  });
}

const place = document.querySelector<HTMLElement>("[data-regularizers]");
if (place !== null) void run(place);
void tendReference();
