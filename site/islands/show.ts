/** @file Puts components on the page in a browser. */

import { render } from "preact";
import type { Child } from "../markup/element.ts";

const shownIn = new WeakSet<Element>();

/**
 * Shows this in a place of the page, and nothing else there. What the build left goes with the first showing, as Preact
 * would keep what it does not need; later ones change only what differs.
 */
export function show(content: Child, place: Element): void {
  if (!shownIn.has(place)) place.replaceChildren();
  shownIn.add(place);
  render(content, place);
}
