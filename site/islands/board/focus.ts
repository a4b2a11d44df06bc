/** @file The focus and what is unfolded, in a part of the page that is drawn anew: both stay where they were. */

type Focusable = HTMLElement | SVGElement;

/** @param replace puts other elements into the part. */
export function keepPlace(root: Element, part: Element, replace: () => void): void {
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const open = Array.from(part.querySelectorAll("details[open] > [data-focus]"), keyOf);
  replace();
  for (const key of open) unfold(part, key!);
  if (active !== null && document.activeElement !== active) focusAgain(root, part, active);
}

const keyOf = (element: Element) => element.getAttribute("data-focus");

function withKey(part: Element, key: string): HTMLElement | null {
  return part.querySelector<HTMLElement>(`[data-focus="${CSS.escape(key)}"]`);
}

function unfold(part: Element, key: string): void {
  const folded = withKey(part, key)?.parentElement;
  if (folded instanceof HTMLDetailsElement) folded.open = true;
}

/** Whoever works with the keyboard would begin at the top of the page otherwise. */
function focusAgain(root: Element, part: Element, was: Element): void {
  const candidates = [
    counterpart(part, was),
    part.querySelector<HTMLElement>(".board-scroll"),
    part.querySelector<HTMLElement>("button:not(:disabled)"),
    root.querySelector<HTMLElement>(".board-scroll"),
  ];
  for (const each of candidates) {
    each?.focus({ preventScroll: true });
    if (each !== null && document.activeElement === each) return;
  }
}

/** What an element, by now out of the page, is in the new drawing. */
function counterpart(part: Element, was: Element): Focusable | null {
  const key = keyOf(was);
  if (key !== null) return withKey(part, key);
  return was.closest(".plot a") === null ? inSameCell(part, was) : samePoint(part, was);
}

/** The map is drawn for a wide screen and for a narrow one, and one of them is seen. */
function samePoint(part: Element, was: Element): SVGElement | null {
  const width = was.closest(".narrow") === null ? ".wide" : ".narrow";
  const address = CSS.escape(was.getAttribute("href") ?? "");
  return part.querySelector<SVGElement>(`${width} .plot a[href="${address}"]`);
}

const INSIDE = "a, button, input";

function inSameCell(part: Element, was: Element): HTMLElement | null {
  const cell = was.closest<HTMLTableCellElement>("tr[id] > *");
  if (cell === null) return null;
  const row = part.querySelector<HTMLTableRowElement>(`#${CSS.escape(cell.parentElement!.id)}`);
  const now = row?.cells[cell.cellIndex];
  if (now === undefined) return null;
  now.tabIndex = -1; // as the arrow keys leave it
  if (cell === was) return now;
  const place = [...cell.querySelectorAll(INSIDE)].indexOf(was);
  return now.querySelectorAll<HTMLElement>(INSIDE)[place] ?? now;
}
