/** @file A document to draw on where there is no browser, and the drawing as text for a page. */

import { parseHTML } from "linkedom";
import { serialize } from "../charts/serialize.ts";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** HTML of what a component draws; the same component draws in the browser. */
export function drawn(draw: (document: Document) => Element | null): string {
  const element = draw(document);
  return element === null ? "" : serialize(element);
}
