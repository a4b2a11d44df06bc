/** @file A board while somebody looks at it: what is known, what is chosen, and both on the screen. */

import { isHiddenState } from "../../../record/board/states.ts";
import {
  type Drawing,
  PARTS,
  type Part,
  boardControls,
  boardPart,
  boardSearch,
  isBare,
} from "../../components/board/board-parts.ts";
import {
  type BoardView,
  isHidden,
  isMapAsBuilt,
  isReferenceAsBuilt,
  needsAll,
  readView,
  withoutFilters,
  writeView,
} from "../../data/board-view.ts";
import { findColumn } from "../../data/table-columns.ts";
import {
  type BoardModel,
  type BoardRows,
  emptyBoardModel,
  newestOf,
  rowAnchor,
} from "../../data/board-model.ts";
import { referenceAddress } from "../../data/entry-address.ts";
import { shownRows } from "../../data/shown-rows.ts";
import { type RowsRequest, rankedOf } from "./board-source.ts";
import type { Child } from "../../markup/element.ts";
import type { BoardRow } from "../../../record/board/board-row.ts";
import { intervalText } from "../../data/interval-cell.ts";
import { ringSelected } from "./map-spots.ts";
import { BoardReference } from "./board-reference.ts";
import { type NoticeWords, serverNotice } from "../../components/board/server-notice.ts";
import { show } from "../show.ts";

export class BoardPageState {
  readonly root: HTMLElement;
  readonly reference: BoardReference;
  model: BoardModel;
  view: BoardView;
  #fresh = new Set<string>();
  #mapTimer = 0;
  /** Has a visitor shown an interest in rows that were not fetched yet? */
  wantsAll = false;

  constructor(root: HTMLElement) {
    this.root = root;
    this.reference = new BoardReference(root);
    this.model = emptyBoardModel({ id: "", name: root.dataset["board"]! });
    this.view = readView(new URLSearchParams(location.search));
    const box = root.querySelector<HTMLInputElement>('input[name="reference"]');
    if (box !== null) box.checked = this.view.reference !== "hidden"; // style sheets obey it from now on
  }

  rowsRequest(): RowsRequest {
    const { sort, hidden, custom, states, selected } = this.view;
    const { rows } = this.model;
    const isSought =
      rows.length > 0 &&
      selected !== null &&
      !this.reference.has(selected) &&
      !rows.some((row) => row.entry === selected);
    return {
      ranked: rankedOf(findColumn(sort)?.sort),
      hidden: hidden || states.some(isHiddenState),
      ranksCustom: custom === "ranked",
      all: this.wantsAll || isSought || needsAll(this.view),
      map: !isMapAsBuilt(this.view),
    };
  }

  get drawing(): Drawing {
    const { model, view } = this;
    const reference = this.reference.drawn;
    return { model, view, fresh: this.#fresh, live: true, reference };
  }

  /** Is anything known yet but what the build has left on the page? */
  get isKnown(): boolean {
    return this.model.logSize !== null;
  }

  /** Has the build left nothing of the board's own on the page? */
  get isUnbuilt(): boolean {
    return this.root.querySelector(".words.awaited") !== null;
  }

  /** New rows are announced and stand out; older ones that are fetched only now, and the first ones seen, are not. */
  async take(board: BoardRows): Promise<void> {
    const isFirst = !this.isKnown;
    const arrived = isFirst ? [] : this.#arrived(board);
    const { logSize } = this.root.dataset;
    const isSameAsBuilt = isFirst && String(board.logSize) === logSize;
    const hasNone = isFirst && logSize === undefined && board.rows.length === 0;
    const isApart = await this.reference.isApart();
    if (this.#needsReference) await this.reference.load();
    this.#fresh = new Set(arrived.map(({ entry }) => entry));
    this.model = { ...this.model, ...board };
    this.#enable(".copies");
    const isUsual = writeView(this.view) === "";
    const isAsBuilt = isApart && (isSameAsBuilt || hasNone);
    // The build's controls offer what all rows have, more than are known here so far.
    if (isAsBuilt && (this.isPartial || (isUsual && this.reference.isUnread)))
      this.#enable(':is([data-part="search"], [data-part="controls"])');
    else this.drawControls();
    if (this.isPartial && !isSameAsBuilt && board.total <= MOST_UNASKED) this.wantsAll = true;
    const isMapKept = (isAsBuilt && isUsual) || (this.isPartial && isUsual && this.#hasBuiltMap);
    this.#drawAll(!isMapKept);
    if (arrived.length > 0) say(this.root, announcement(arrived));
  }

  /** The build draws every row's point; one drawn here from the first rows alone would lose most of them. */
  get #hasBuiltMap(): boolean {
    return this.root.dataset["logSize"] !== undefined && this.root.querySelector(".map") !== null;
  }

  /** Must its rows be drawn otherwise than the build did? */
  get #needsReference(): boolean {
    const { view } = this;
    if (view.reference === "hidden") return false;
    return !isReferenceAsBuilt(view) || this.reference.has(view.selected);
  }

  #arrived({ rows, logSize }: BoardRows): BoardRows["rows"] {
    if (logSize === this.model.logSize) return [];
    const newest = newestOf(this.model.rows);
    return rows.filter((row) => !isHidden(row) && (newest === null || row.receivedAt > newest));
  }

  takeSentences(sentences: BoardModel["sentences"]): void {
    this.model = { ...this.model, sentences };
    if (!this.isKnown && sentences.length > 0) replacePart(this.root, "empty", null); // it has entries
    drawParts(this.root, this.drawing, ["sentences"]);
  }

  takeTraining(training: BoardModel["training"]): void {
    if (JSON.stringify(training) === JSON.stringify(this.model.training)) return;
    this.model = { ...this.model, training };
    if (this.isKnown) drawParts(this.root, this.drawing, ["empty"]);
  }

  #drawAll(withMap: boolean): void {
    const parts = PARTS.filter((part) => part !== "sentences");
    drawParts(this.root, this.drawing, parts);
    if (withMap) this.#drawMap();
    markSelected(this);
  }

  /** Without the chart library, which may be out of reach, the map stays as it was. */
  #drawMap(): void {
    drawMap(this).catch(reportError);
  }

  #enable(place: string): void {
    const boxes = this.root.querySelectorAll<HTMLInputElement>(`${place} :disabled`);
    for (const box of boxes) box.disabled = false;
  }

  /** Are there rows that were not fetched yet? */
  get isPartial(): boolean {
    const { passing, found } = shownRows(this.model, withoutFilters(this.view));
    return passing.length < found;
  }

  /** @param evenOpen also while somebody chooses, who is not disturbed otherwise. */
  drawControls({ evenOpen = false } = {}): void {
    if (!evenOpen && this.root.querySelector(".chooser[open]") !== null) return;
    const rows = [...this.model.rows, ...(this.reference.drawn?.rows ?? [])];
    replacePart(this.root, "search", boardSearch(this.view, true));
    replacePart(this.root, "controls", boardControls(rows, this.view, true));
  }

  /**
   * @param parts that the change can be seen in.
   * @param options.typing more is about to come: the address, whose change costs as much as the table's, waits.
   */
  choose(view: BoardView, parts: readonly Part[], { map = false, typing = false } = {}): void {
    this.view = view;
    if (!typing) this.#writeAddress();
    if (!this.isKnown) return; // what the build has left would be replaced by nothing
    const isSaid = this.model.sentences.length > 0; // else the build's stay until they are fetched
    const drawn = parts.filter((part) => part !== "sentences" || isSaid);
    drawParts(this.root, this.drawing, drawn);
    markSelected(this);
    void this.#drawReference(parts);
    if (!map) return;
    clearTimeout(this.#mapTimer);
    this.#mapTimer = window.setTimeout(() => {
      if (typing) this.#writeAddress();
      this.#drawMap();
    }, 120);
  }

  /** Once its rows are there, which nothing else waits for. */
  async #drawReference(parts: readonly Part[]): Promise<void> {
    if (!this.#needsReference || !this.reference.isUnread) return;
    await this.reference.load();
    drawParts(this.root, this.drawing, parts);
    markSelected(this);
  }

  #writeAddress(): void {
    history.replaceState(null, "", location.pathname + writeView(this.view));
  }
}

/** Rows of a board that are fetched for its map without anybody touching it. */
const MOST_UNASKED = 2000;

const SEEN_MS = 6000;

/** For those who hear the page; others see the change itself. */
export function say(root: Element, text: string): void {
  root.querySelector("[data-live]")!.textContent = text;
}

let timer = 0;

/** What an action did, or why it did nothing: seen and heard. */
export function tell(root: Element, text: string): void {
  const place = root.querySelector("[data-toast]")!;
  place.textContent = text;
  clearTimeout(timer);
  timer = window.setTimeout(() => (place.textContent = ""), SEEN_MS);
}

const shown = new WeakMap<Element, string>();

/** Drawn anew only when it says something else, as each drawing is read out. @param words null for nothing amiss. */
export function showNotice(root: Element, words: NoticeWords | null): void {
  const key = words === null ? "" : JSON.stringify(words);
  if (key === (shown.get(root) ?? "")) return;
  shown.set(root, key);
  replacePart(root, "notice", words === null ? null : serverNotice(words));
}

/** New rows in words, for those who hear the page. */
function announcement(arrived: readonly BoardRow[]): string {
  const names = arrived.slice(0, 3).map(({ arch, regs, numbers: { learnedComplexity } }) => {
    const number =
      learnedComplexity === null
        ? "diverged"
        : `learned complexity ${intervalText(learnedComplexity, "%")} %`;
    return `${arch} ${regs}, ${number}`;
  });
  const more = arrived.length > 3 ? ` and ${arrived.length - 3} more` : "";
  return `New on the board: ${names.join("; ")}${more}.`;
}

/** Parts that other rows change. */
export const ROWS = ["sentences", "count", "hidden", "ranks", "table", "pager"] as const;

export function replacePart(root: Element, part: string, content: Child): void {
  const place = root.querySelector(`[data-part="${part}"]`);
  if (place === null) return;
  keepPlace(root, place, () => show(content, place));
}

function drawParts(root: Element, drawing: Drawing, parts: readonly Part[]): void {
  // Read before anything changes and written only when it must be: each lays the page out at once otherwise.
  const scroll = root.querySelector(".board-scroll")?.scrollLeft ?? 0;
  for (const part of parts) replacePart(root, part, boardPart(part, drawing));
  if (scroll > 0 && parts.includes("table"))
    root.querySelector(".board-scroll")!.scrollLeft = scroll;
}

/** The chart library is fetched when the first chart must be drawn anew, and with it the reference. */
async function drawMap(page: BoardPageState): Promise<void> {
  const { root } = page;
  root.classList.toggle("empty", isBare(page.drawing));
  if (isBare(page.drawing)) {
    replacePart(root, "legend", null);
    return replacePart(root, "map", null);
  }
  const [{ boardLegend, boardMap }] = await Promise.all([
    import("../../components/board/board-map.ts"),
    page.reference.load(),
  ]);
  const { model, view, reference } = page.drawing;
  const known = reference?.rows ?? [];
  const shown = shownRows(model, view);
  replacePart(root, "map", boardMap(shown, view, model.protocol, known));
  replacePart(root, "legend", boardLegend(shown, view, known));
  markSelected(page);
}

/** Where a map's point may lead: to its row, or to the page of an entry of the reference, whose row may not be shown. */
export function pointAddresses(entry: string): readonly string[] {
  return [`#${rowAnchor(entry)}`, referenceAddress(entry)];
}

/** The selected entry's points, in both drawings. */
function markSelected(page: BoardPageState): void {
  const { root, view } = page;
  ringSelected(root, view, [...page.model.rows, ...(page.reference.drawn?.rows ?? [])]);
  for (const link of root.querySelectorAll(".plot a[aria-current]"))
    link.removeAttribute("aria-current");
  if (view.selected === null) return;
  const addresses = pointAddresses(view.selected);
  for (const link of root.querySelectorAll(".plot a"))
    if (addresses.includes(link.getAttribute("href")!)) link.setAttribute("aria-current", "true");
}

type Focusable = HTMLElement | SVGElement;

/** @param replace changes the part, and may move or take away what has the focus. */
function keepPlace(root: Element, part: Element, replace: () => void): void {
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const counterpart = active && counterpartOf(active); // asked while it is still in its place
  const open = Array.from(part.querySelectorAll("details[open] > [data-focus]"), keyOf);
  replace();
  for (const key of open) unfold(part, key!);
  if (active === null) return;
  if (document.activeElement !== active || active.matches(":disabled"))
    focusAgain(root, part, counterpart!(part));
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
function focusAgain(root: Element, part: Element, counterpart: Focusable | null): void {
  const candidates = [
    counterpart,
    part.querySelector<HTMLElement>(".board-scroll"),
    part.querySelector<HTMLElement>("button:not(:disabled)"),
    root.querySelector<HTMLElement>(".board-scroll"),
  ];
  for (const each of candidates) {
    if (each === null || each.matches(":disabled")) continue;
    each.focus({ preventScroll: true });
    if (document.activeElement === each) return;
  }
}

/** Finds, once the part is drawn anew, what stands for an element in it. */
type Counterpart = (part: Element) => Focusable | null;

function counterpartOf(element: Element): Counterpart {
  const key = keyOf(element);
  if (key !== null) return (part) => withKey(part, key);
  return element.closest(".plot a") === null ? inSameCell(element) : samePoint(element);
}

/** The map is drawn for a wide screen and for a narrow one, and one of them is seen. */
function samePoint(element: Element): Counterpart {
  const width = element.closest(".narrow") === null ? ".wide" : ".narrow";
  const address = CSS.escape(element.getAttribute("href") ?? "");
  return (part) => part.querySelector<SVGElement>(`${width} .plot a[href="${address}"]`);
}

const INSIDE = "a, button, input";

function inSameCell(element: Element): Counterpart {
  const cell = element.closest<HTMLTableCellElement>("tr[id] > *");
  if (cell === null) return () => null;
  const [row, column] = [CSS.escape(cell.parentElement!.id), cell.cellIndex];
  const place = cell === element ? null : [...cell.querySelectorAll(INSIDE)].indexOf(element);
  return (part) => {
    const now = part.querySelector<HTMLTableRowElement>(`#${row}`)?.cells[column];
    if (now === undefined) return null;
    now.tabIndex = -1; // as the arrow keys leave it
    return place === null ? now : (now.querySelectorAll<HTMLElement>(INSIDE)[place] ?? now);
  };
}
