/** @file A board while somebody looks at it: what is known, what is chosen, and both on the screen. */

import { isHiddenState } from "../../../record/board/states.ts";
import { boardControls } from "../../components/board/controls.ts";
import { type Drawing, type Part, PARTS } from "../../components/board/board-parts.ts";
import { withoutFilters } from "../../view/board/board-actions.ts";
import { readView, writeView } from "../../view/board/board-address.ts";
import { findColumn } from "../../view/board/board-columns.ts";
import { isHidden } from "../../view/board/board-filter.ts";
import {
  type BoardModel,
  type BoardRows,
  emptyBoardModel,
  newestOf,
} from "../../view/board/board-model.ts";
import type { BoardView } from "../../view/board/board-view.ts";
import { needsAll } from "../../view/board/needs-all.ts";
import { shownRows } from "../../view/board/shown-rows.ts";
import { announcement } from "./announcement.ts";
import { drawMap, drawParts, markSelected, replacePart } from "./board-screen.ts";
import { rankedOf, type Wish } from "./board-source.ts";
import { say } from "./messages.ts";

export class BoardPageState {
  readonly root: HTMLElement;
  model: BoardModel;
  view: BoardView;
  #fresh = new Set<string>();
  #mapTimer = 0;
  /** Has a visitor shown an interest in rows that were not fetched yet? */
  wantsAll = false;

  constructor(root: HTMLElement) {
    this.root = root;
    this.model = emptyBoardModel({ id: "", name: root.dataset["board"]! });
    this.view = readView(new URLSearchParams(location.search));
  }

  wish(): Wish {
    const { sort, hidden, states, selected } = this.view;
    const { rows } = this.model;
    const isSought =
      rows.length > 0 && selected !== null && !rows.some((row) => row.entry === selected);
    return {
      ranked: rankedOf(findColumn(sort)?.sort),
      hidden: hidden || states.some(isHiddenState),
      all: this.wantsAll || isSought || needsAll(this.view),
    };
  }

  get drawing(): Drawing {
    const newestBuilt = this.root.dataset["newest"] ?? null;
    const { model, view } = this;
    return { model, view, newestBuilt, fresh: this.#fresh, live: true };
  }

  /** Is anything known yet but what the build has left on the page? */
  get isKnown(): boolean {
    return this.model.logSize !== null;
  }

  /** New rows are announced and stand out; older ones that are fetched only now, and the first ones seen, are not. */
  take(board: BoardRows): void {
    const isFirst = !this.isKnown;
    const arrived = isFirst ? [] : this.#arrived(board);
    const isSameAsBuilt = isFirst && String(board.logSize) === this.root.dataset["logSize"];
    this.#fresh = new Set(arrived.map(({ entry }) => entry));
    this.model = { ...this.model, ...board };
    this.#enable(".copies");
    // The build's controls offer what all rows have, more than are known here so far.
    if (isSameAsBuilt && this.isPartial) this.#enable('[data-part="controls"]');
    else this.drawControls();
    this.#drawAll(!(isSameAsBuilt && writeView(this.view) === ""));
    if (arrived.length > 0) say(this.root, announcement(arrived));
  }

  #arrived({ rows, logSize }: BoardRows): BoardRows["rows"] {
    if (logSize === this.model.logSize) return [];
    const newest = newestOf(this.model.rows);
    return rows.filter((row) => !isHidden(row) && (newest === null || row.receivedAt > newest));
  }

  takeSentences(sentences: readonly string[]): void {
    this.model = { ...this.model, sentences };
    drawParts(this.root, this.drawing, ["sentences"]);
  }

  #drawAll(withMap: boolean): void {
    const parts = PARTS.filter((part) => part !== "sentences");
    drawParts(this.root, this.drawing, parts);
    if (withMap) this.#drawMap();
    markSelected(this.root, this.view.selected);
  }

  /** Without the chart library, which may be out of reach, the map stays as it was. */
  #drawMap(): void {
    drawMap(this.root, this.drawing).catch(reportError);
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
    const isOpen = this.root.querySelector(".chooser[open]") !== null;
    const { activeElement } = document;
    const isTyping = activeElement instanceof HTMLInputElement && activeElement.name === "q";
    if (isTyping || (isOpen && !evenOpen)) return;
    replacePart(this.root, "controls", boardControls(document, this.model.rows, this.view, true));
  }

  /**
   * @param parts that the change can be seen in.
   * @param options.typing more is about to come: the address, whose change costs as much as the table's, waits.
   */
  choose(view: BoardView, parts: readonly Part[], { map = false, typing = false } = {}): void {
    this.view = view;
    if (!typing) this.#writeAddress();
    if (!this.isKnown) return; // what the build has left would be replaced by nothing
    drawParts(this.root, this.drawing, parts);
    markSelected(this.root, view.selected);
    if (!map) return;
    clearTimeout(this.#mapTimer);
    this.#mapTimer = window.setTimeout(() => {
      if (typing) this.#writeAddress();
      this.#drawMap();
    }, 120);
  }

  #writeAddress(): void {
    history.replaceState(null, "", location.pathname + writeView(this.view));
  }
}
