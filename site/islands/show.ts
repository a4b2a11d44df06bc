/** @file Puts components on the page in a browser. */

import { render } from "preact";
import type { Child } from "../markup/element.ts";

const shownIn = new WeakSet<Element>();

/**
 * Makes this the whole content of a place on the page. The first time, what the build left there is removed, because
 * Preact would keep what it has no use for; later calls change only what differs.
 */
export function show(content: Child, place: Element): void {
  if (!shownIn.has(place)) place.replaceChildren();
  shownIn.add(place);
  render(content, place);
}
