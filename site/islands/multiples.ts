/** @file Draws the small multiples anew when the board has grown since the build. */

import type { MultiplesKind } from "../components/charts/multiples.ts";
import { NO_ARROWS, nothingYet } from "../components/charts/nothing-yet.ts";
import { BoardSource } from "./board/board-source.ts";

async function run(place: HTMLElement): Promise<void> {
  const source = new BoardSource(place.dataset["protocol"]!);
  const answer = await source.changes({ ranked: "complexity", hidden: false, all: true });
  if (!answer.ok || answer.value === null) return; // what was built stays
  if (String(answer.value.logSize) === place.dataset["logSize"]) return;
  const { multiples } = await import("../components/charts/multiples.ts");
  const kind = place.dataset["multiples"] as MultiplesKind;
  const drawn = multiples(document, kind, answer.value.rows) ?? nothingYet(document, ...NO_ARROWS);
  place.replaceChildren(drawn);
}

const place = document.querySelector<HTMLElement>("[data-multiples]");
if (place !== null) void run(place);
