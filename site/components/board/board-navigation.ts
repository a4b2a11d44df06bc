/**
 * @file From a board to its other views, and to the other boards; the one that is open is no link, so that the keyboard
 * passes it by.
 */

import type { VNode } from "preact";
import { protocols } from "../../../record/protocols.ts";
import { h } from "../../markup/element.ts";

const VIEWS = {
  boards: "Map and table",
  regularizers: "Regularizers",
  architectures: "Architectures",
  training: "Training and depth",
  measures: "Measures",
};

export interface NavigationPlace {
  protocol: string;
  here: keyof typeof VIEWS;
}

export function boardNavigation({ protocol, here }: NavigationPlace): VNode {
  const views = Object.entries(VIEWS).map(([view, title]) =>
    step(title, view === here ? null : `/${view}/${protocol}/`, "page"),
  );
  const boards = Object.keys(protocols).map((name) =>
    step(name, name === protocol ? null : `/${here}/${name}/`, "true"),
  );
  return h(
    "nav",
    { class: "board-navigation", "aria-label": "Views and boards" },
    h("ul", {}, ...views),
    h(
      "ul",
      {},
      ...boards,
      h("li", {}, h("a", { href: `/protocols/${protocol}/` }, "Protocol document")),
    ),
  );
}

/** @param href null for where one is. @param current how that is said. */
function step(text: string, href: string | null, current: "page" | "true"): VNode {
  return h("li", {}, h("a", { href, "aria-current": href === null ? current : null }, text));
}
