/** @file A designed state of a page or of a part: nothing here yet, on its way, offline, gone wrong. */

import type { VNode } from "preact";
import { type Child, h } from "./element.ts";

interface Notice {
  kind: "empty" | "loading" | "offline" | "error" | "quiet";
  title: string;
  /** Is it read out as it appears? */
  announced?: boolean;
}

export function notice({ kind, title, announced = false }: Notice, ...content: Child[]): VNode {
  return h(
    "div",
    { class: `notice ${kind}`, role: announced ? "status" : null },
    h("p", { class: "title" }, title),
    ...content,
  );
}
