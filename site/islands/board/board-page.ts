/** @file A board while somebody looks at it: what is known, what is chosen, and both on the screen. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { boardControls } from "../../components/board/controls.ts";
import { type Drawing, type Part, PARTS } from "../../components/board/board-parts.ts";
import { offlineNotice } from "../../components/board/offline-notice.ts";
import { copyBar } from "../../components/board/table-bar.ts";
import { withoutFilters } from "../../view/board/board-actions.ts";
import { readView, writeView } from "../../view/board/board-address.ts";
import { findColumn } from "../../view/board/board-columns.ts";
import { HIDDEN, isHidden } from "../../view/board/board-filter.ts";
import { type BoardModel, emptyBoardModel, newestOf } from "../../view/board/board-model.ts";
import type { BoardView } from "../../view/board/board-view.ts";
import { needsAll } from "../../view/board/needs-all.ts";
import { shownRows } from "../../view/board/shown-rows.ts";
import { intervalText } from "../../view/interval-cell.ts";
import { drawMap, drawParts, markSelected, replacePart } from "./board-screen.ts";
import { rankedOf, type Wish } from "./board-source.ts";

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
      hidden: hidden || states.some((state) => HIDDEN.includes(state)),
      all: this.wantsAll || isSought || needsAll(this.view),
    };
  }

  get drawing(): Drawing {
    const newestBuilt = this.root.dataset["newest"] ?? null;
    const { model, view } = this;
    return { model, view, newestBuilt, fresh: this.#fresh, live: true };
  }

  /** New rows are announced and stand out; older ones that are fetched only now, and the first ones seen, are not. */
  take(model: BoardModel): void {
    const isFirst = this.model.rows.length === 0 && this.model.logSize === null;
    const { logSize } = this.model;
    const newest = newestOf(this.model.rows);
    const arrived =
      isFirst || logSize === model.logSize
        ? []
        : model.rows.filter(
            (row) => !isHidden(row) && (newest === null || row.receivedAt > newest),
          );
    const isSameAsBuilt = isFirst && String(model.logSize) === this.root.dataset["logSize"];
    this.#fresh = new Set(arrived.map(({ entry }) => entry));
    this.model = model;
    if (isSameAsBuilt && this.isPartial) this.#enableControls();
    else this.drawControls();
    this.#drawAll(!(isSameAsBuilt && writeView(this.view) === ""));
    if (arrived.length > 0) this.say(announcement(arrived));
  }

  #drawAll(withMap: boolean): void {
    const copies = this.root.querySelector(".copies");
    copies?.replaceWith(copyBar(document, true));
    const parts = PARTS.filter((part) => part !== "sentences" || this.model.sentences.length > 0);
    drawParts(this.root, this.drawing, parts);
    if (withMap) void drawMap(this.root, this.drawing);
    markSelected(this.root, this.view.selected);
  }

  /** Those of the build offer what all rows have, more than are known here so far. */
  #enableControls(): void {
    const boxes = this.root.querySelectorAll<HTMLInputElement>('[data-part="controls"] :disabled');
    for (const box of boxes) box.disabled = false;
  }

  /** Are there rows that were not fetched yet? */
  get isPartial(): boolean {
    const { passing, found } = shownRows(this.model, withoutFilters(this.view));
    return passing.length < found;
  }

  /** @param reopened name of the chooser that stays open, with what there is to choose by now. */
  drawControls(reopened: string | null = null): void {
    const open = this.root.querySelector<HTMLInputElement>(".chooser[open] input")?.name;
    const { activeElement } = document;
    const isTyping = activeElement instanceof HTMLInputElement && activeElement.name === "q";
    if (isTyping || (open !== undefined && reopened === null)) return; // whoever is choosing is not disturbed
    const controls = boardControls(document, this.model.rows, this.view, true);
    const chooser = controls.querySelector(`[name="${reopened}"]`)?.closest("details");
    if (chooser) chooser.open = true;
    replacePart(this.root, "controls", controls);
  }

  /**
   * @param parts that the change can be seen in.
   * @param options.typing more is about to come: the address, whose change costs as much as the table's, waits.
   */
  choose(view: BoardView, parts: readonly Part[], { map = false, typing = false } = {}): void {
    this.view = view;
    if (!typing) this.#writeAddress();
    drawParts(this.root, this.drawing, parts);
    markSelected(this.root, view.selected);
    if (!map) return;
    clearTimeout(this.#mapTimer);
    this.#mapTimer = window.setTimeout(() => {
      if (typing) this.#writeAddress();
      void drawMap(this.root, this.drawing);
    }, 120);
  }

  #writeAddress(): void {
    history.replaceState(null, "", location.pathname + writeView(this.view));
  }

  say(text: string): void {
    const place = this.root.querySelector("[data-live]");
    if (place !== null) place.textContent = text;
  }

  showOffline(detail: string | null): void {
    const isShown = this.root.querySelector('[data-part="notice"]')?.hasChildNodes() ?? false;
    if (isShown === (detail !== null)) return;
    replacePart(this.root, "notice", detail === null ? null : offlineNotice(document, detail));
  }
}

function announcement(arrived: readonly BoardRow[]): string {
  const names = arrived.slice(0, 3).map(({ arch, regs, numbers: { complexity } }) => {
    const number =
      complexity === null ? "diverged" : `complexity ${intervalText(complexity, "%")} %`;
    return `${arch} ${regs}, ${number}`;
  });
  const more = arrived.length > 3 ? ` and ${arrived.length - 3} more` : "";
  return `New on the board: ${names.join("; ")}${more}.`;
}
