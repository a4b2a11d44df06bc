/** @file The map by keyboard and pointer: arrow keys from point to point, and in a crowd the nearest point as a mark of its own. */

import { MAP, type Spot, spotOf, svgElement } from "./map-spots.ts";
import { FAMILIES, regularizerFamily } from "../../charts/families.ts";
import { pointText } from "../../charts/map-points.ts";
import { shownRows } from "../../data/shown-rows.ts";
import type { BoardPageState } from "./shown-board.ts";

/** @param changed called when other rows may be needed than were fetched. */
export function exploreMap(page: BoardPageState, changed: () => Promise<unknown>): void {
  page.root.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || !(event.target instanceof Element)) return;
    const map = event.target.closest(MAP);
    if (map === null || STEPS[event.key] === undefined) return;
    event.preventDefault();
    void step(page, map as SVGSVGElement, event.key, event.target.closest("a"), changed);
  });
  page.root.addEventListener("pointermove", ({ target, clientX, clientY }) => {
    const map = target instanceof Element ? target.closest(MAP) : null;
    if (map !== null && isCrowd(map))
      void nearest(page, map as SVGSVGElement, { clientX, clientY }, changed);
  });
  page.root.addEventListener("click", ({ target, clientX, clientY }) => {
    const map = target instanceof Element ? target.closest(MAP) : null;
    if (map === null || !isCrowd(map) || (target as Element).closest("a") !== null) return;
    const at = { clientX, clientY };
    void nearest(page, map as SVGSVGElement, at, changed).then((link) =>
      link?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })),
    );
  });
}

const STEPS: Readonly<Record<string, readonly ["x" | "y", 1 | -1]>> = {
  ArrowRight: ["x", 1],
  ArrowLeft: ["x", -1],
  ArrowUp: ["y", -1],
  ArrowDown: ["y", 1],
};

const isCrowd = (map: Element) => map.querySelector(".cloud") !== null;

async function step(
  page: BoardPageState,
  map: SVGSVGElement,
  key: string,
  from: Element | null,
  changed: () => Promise<unknown>,
): Promise<void> {
  const [along, way] = STEPS[key]!;
  const across = along === "x" ? "y" : "x";
  const spots = await spotsOf(page, map, changed);
  const order = spots.toSorted((a, b) => a[along] - b[along] || a[across] - b[across]);
  const at = order.findIndex(({ href }) => href === from?.getAttribute("href"));
  const next = order[at < 0 ? 0 : at + way];
  if (next === undefined) return;
  const link = linkTo(map, page, next);
  if (link === null) return;
  for (const other of map.querySelectorAll<SVGAElement>("a")) other.setAttribute("tabindex", "-1");
  link.setAttribute("tabindex", "0");
  if (link === document.activeElement) link.blur(); // so that what it says now is read and shown
  link.focus({ preventScroll: true });
}

/** Kept for as long as the map shows the same rows: the pointer moves often. */
const kept = new WeakMap<Element, { of: readonly unknown[]; spots: Spot[] }>();

/** Of a crowd every row is needed: where one was not fetched yet, all are. */
async function spotsOf(
  page: BoardPageState,
  map: SVGSVGElement,
  changed: () => Promise<unknown>,
): Promise<Spot[]> {
  if (!isCrowd(map))
    return Array.from(map.querySelectorAll<SVGAElement>("a"))
      .filter((link) => link.getClientRects().length > 0)
      .map((link) => ({ ...middleOf(link), href: link.getAttribute("href")!, placed: null }));
  if (page.isPartial && !page.wantsAll) {
    page.wantsAll = true;
    await changed();
  }
  const of = [page.model, page.view, map.dataset["scale"]];
  const known = kept.get(map);
  if (known !== undefined && known.of.every((each, i) => each === of[i])) return known.spots;
  const { passing } = shownRows(page.model, page.view);
  const spots = passing.flatMap((row) => spotOf(map, page.view, row) ?? []);
  kept.set(map, { of, spots });
  return spots;
}

function middleOf(element: Element): { x: number; y: number } {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

/** Nearer than this to the pointer, in the map's own pixels. */
const NEAR = 12;

/** The link of the point next to the pointer; null where none is near. */
async function nearest(
  page: BoardPageState,
  map: SVGSVGElement,
  { clientX, clientY }: Pick<MouseEvent, "clientX" | "clientY">,
  changed: () => Promise<unknown>,
): Promise<SVGAElement | null> {
  const spots = await spotsOf(page, map, changed);
  const box = map.getBoundingClientRect();
  const scale = map.viewBox.baseVal.width / box.width;
  const [x, y] = [(clientX - box.left) * scale, (clientY - box.top) * scale];
  let [best, least] = [null as Spot | null, NEAR];
  for (const spot of spots) {
    const away = Math.hypot(spot.x - x, spot.y - y);
    if (away < least) [best, least] = [spot, away];
  }
  return best && linkTo(map, page, best);
}

/** Of a crowd the one link of its map moves to the point. */
function linkTo(
  map: SVGSVGElement,
  { view }: BoardPageState,
  { x, y, href, placed }: Spot,
): SVGAElement | null {
  const all = [...map.querySelectorAll<SVGAElement>("a")];
  if (placed === null) return all.find((link) => link.getAttribute("href") === href) ?? null;
  const link = all.find((each) => each.closest(".outlined") === null);
  if (link === undefined) return null;
  if (link.getAttribute("href") === href && link.querySelector("circle") !== null) return link;
  const text = pointText(view.axis, placed);
  const color = FAMILIES[regularizerFamily(placed.regs)].color;
  const mark = svgElement("circle", { cx: x, cy: y, r: 6, fill: color, "aria-label": text });
  const title = svgElement("title", {});
  title.textContent = text;
  mark.append(title);
  link.setAttribute("href", href);
  link.replaceChildren(mark);
  return link;
}
