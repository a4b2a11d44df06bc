/** @file The signed bytes whole, fetched when somebody unfolds them: they weigh as much as the rest of the page. */

import { pageApi } from "../../lib/page-api.ts";

export function unfoldEnvelope(entry: HTMLElement): void {
  const details = entry.querySelector<HTMLDetailsElement>("[data-envelope]");
  const place = details?.querySelector("code");
  if (!details || !place) return;
  let isWhole = false;
  const fill = async () => {
    const answer = await pageApi.envelope(details.dataset["envelope"]!);
    if (!answer.ok) return; // the beginning stays, and the next unfolding tries again
    isWhole = true;
    place.textContent = JSON.stringify(answer.value, null, 2);
  };
  details.addEventListener("toggle", () => {
    if (details.open && !isWhole) void fill();
  });
}
