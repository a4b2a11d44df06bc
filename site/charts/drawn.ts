/** @file What components return as the text of a page, where there is no browser: at build, and in the report. */

import { parseHTML } from "linkedom";
import type { VNode } from "preact";
import { render } from "preact-render-to-string";
import { drawOn } from "./plot.ts";

drawOn(parseHTML("<!doctype html><html><body></body></html>").document);

/** HTML. Whoever imports this may call components with pictures in them. */
export function drawn(content: VNode): string {
  return render(content);
}
