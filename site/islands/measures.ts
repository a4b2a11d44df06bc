/** @file Draws the board of measures anew when it has changed since the build. */

import type { VNode } from "preact";
import type { MeasuresDocument } from "../../record/answers/documents.ts";
import { measureWords } from "../components/charts/measure-words.ts";
import { failureWords, serverNotice } from "../components/board/server-notice.ts";
import { NOT_BUILT, NO_MEASURES, nothingYet } from "../components/charts/nothing-yet.ts";
import { h } from "../markup/element.ts";
import { pageApi } from "../data/api.ts";
import { showTips } from "./tips.ts";
import { show } from "./show.ts";

/** Words do not wait for the chart library. */
function before(scored: MeasuresDocument): VNode {
  const late = h("div", { class: "late faint", key: "late" }, "Drawing…");
  return h("div", { class: "measures" }, ...measureWords(scored), late);
}

async function run(place: HTMLElement): Promise<void> {
  showTips(place);
  const custom = new URLSearchParams(location.search).get("custom") === "ranked" ? "ranked" : null;
  const answer = await pageApi.measures(place.dataset["measures"]!, { custom });
  if (!answer.ok) {
    if (place.querySelector(".plot") === null)
      show(serverNotice(failureWords(answer, NOT_BUILT)), place);
    return; // what was built stays
  }
  const scored = JSON.stringify(
    answer.value.measures.map(({ tau, partialTau }) => [tau, partialTau]),
  );
  if (answer.value.configurations < 2) return show(nothingYet(...NO_MEASURES), place);
  if (scored === place.dataset["scored"]) return;
  if (place.querySelector(".plot") === null) show(before(answer.value), place);
  const { measures } = await import("../components/charts/measures.ts");
  show(measures(answer.value), place);
}

const place = document.querySelector<HTMLElement>("[data-measures]");
if (place !== null) void run(place);
