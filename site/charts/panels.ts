/** @file Small pictures side by side, each with its own heading. */

import { html } from "./element.ts";

/** Width at which a panel is drawn, in pixels: nearly a telephone's. */
export const PANEL = 360;

export interface Panel {
  title: string;
  /** What the picture leaves out. */
  note?: string | null;
  picture: Element;
}

/** As many beside each other as fit. */
export function panels(document: Document, all: readonly Panel[]): HTMLElement {
  const drawn = all.map(({ title, note = null, picture }) =>
    html(
      document,
      "div",
      { class: "panel" },
      html(document, "p", {}, title),
      note === null ? null : html(document, "p", { class: "note" }, note),
      picture,
    ),
  );
  return html(document, "div", { class: "panels" }, ...drawn);
}
