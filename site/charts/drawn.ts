/** @file Writes components as text where there is no browser: into the pages of a build, and into the report. */

import { parseHTML } from "linkedom";
import type { VNode } from "preact";
import { render } from "preact-render-to-string";
import { drawOn } from "./plot.ts";

drawOn(parseHTML("<!doctype html><html><body></body></html>").document);

/** Writes a component as HTML. Components with pictures can be called wherever this file is imported. */
export function drawn(content: VNode): string {
  return render(content);
}
