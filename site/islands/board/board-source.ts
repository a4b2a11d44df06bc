/** @file A board's rows from the server, or where it does not answer from the file that the build has left. */

import { isRanked, type Ranked, type Sort } from "../../../record/board/board-columns.ts";
import type { BoardPage } from "../../../record/board/board-page.ts";
import type { BoardRow } from "../../../record/board/board-row.ts";
import type { Answer } from "../../lib/api.ts";
import { pageApi } from "../../lib/page-api.ts";
import { leading } from "../../view/board/leading-sentences.ts";
import { HIDDEN } from "../../view/board/board-filter.ts";
import { type BoardModel, emptyBoardModel } from "../../view/board/board-model.ts";

/** What is wanted beyond the first page. */
export interface Wish {
  ranked: Ranked;
  hidden: boolean;
  /** Every page, not only as many as are fetched unasked. */
  all: boolean;
}

/** Rows that the table shows at first, and rows of each page fetched after them. */
const [FIRST, LIMIT] = [100, 200];
/** Rows fetched before a visitor shows an interest in the rest: all that a map draws. */
const UNASKED = 300;

export class BoardSource {
  readonly #protocol: string;
  readonly #builtLogSize: string | undefined;
  #etag: string | null = null;
  #asked = "";

  /** @param builtLogSize leaves of the log that the page was built from. */
  constructor(protocol: string, builtLogSize: string | undefined) {
    this.#protocol = protocol;
    this.#builtLogSize = builtLogSize;
  }

  /** Null while nothing has changed since it was last asked with the same wish. */
  async changes(wish: Wish): Promise<Answer<BoardModel | null>> {
    const asked = JSON.stringify(wish);
    const etag = asked === this.#asked ? this.#etag : null;
    const query = { sort: wish.ranked, limit: FIRST };
    const first = await pageApi.changedBoard(this.#protocol, query, etag);
    if (!first.ok || first.value === null) return first as Answer<null>;
    const model = await this.#rest(first.value.page, wish);
    if (model.ok) [this.#etag, this.#asked] = [first.value.etag, asked];
    return model;
  }

  async #rest(page: BoardPage, wish: Wish): Promise<Answer<BoardModel>> {
    const more = await this.#pages(
      { sort: wish.ranked },
      page.next,
      this.#rowsAfterFirst(page, wish),
    );
    if (!more.ok) return more;
    const isAnyHidden = Object.values(page.hidden).some((number) => number > 0);
    const state = { sort: wish.ranked, state: HIDDEN.join(",") };
    const hidden =
      wish.hidden && isAnyHidden ? await this.#pages(state, undefined, Infinity) : NO_ROWS;
    if (!hidden.ok) return hidden;
    const said = await pageApi.sentences(this.#protocol);
    const { protocol, total, logSize } = page;
    const rows = distinct([...page.rows, ...more.value, ...hidden.value]);
    return {
      ok: true,
      value: {
        protocol,
        rows,
        total,
        hidden: page.hidden,
        logSize,
        ranked: wish.ranked,
        sentences: said.ok ? leading(said.value) : [],
      },
    };
  }

  /** A large board that is as it was built has its map on the page: the first rows of the table are enough. */
  #rowsAfterFirst({ total, logSize }: BoardPage, { all }: Wish): number {
    if (all) return Infinity;
    return total > UNASKED && String(logSize) === this.#builtLogSize ? 0 : UNASKED - FIRST;
  }

  /** @param after undefined: from the first page; null: there is none. @param most rows, give or take a page. */
  async #pages(
    query: Record<string, string>,
    after: string | null | undefined,
    most: number,
  ): Promise<Answer<BoardRow[]>> {
    const rows: BoardRow[] = [];
    while (after !== null && rows.length < most) {
      const answer = await pageApi.board(this.#protocol, { ...query, limit: LIMIT, after });
      if (!answer.ok) return answer;
      rows.push(...answer.value.rows);
      after = answer.value.next;
    }
    return { ok: true, value: rows };
  }
}

const NO_ROWS = { ok: true as const, value: [] };

/** Pages fetched one after the other can overlap when the board changes in between. */
function distinct(rows: BoardRow[]): BoardRow[] {
  return [...new Map(rows.map((row) => [row.entry, row])).values()];
}

/** The build's rows; without them a board of which nothing is known. */
export async function builtRows(protocol: BoardModel["protocol"]): Promise<BoardModel> {
  try {
    const response = await fetch(`/boards/${protocol.name}/rows.json`);
    if (response.ok) return (await response.json()) as BoardModel;
  } catch {
    // Offline altogether: what is on the page stays.
  }
  return emptyBoardModel(protocol);
}

/** The order of the server that shows ranks for a column; complexity for one that has none. */
export function rankedOf(sort: Sort | null | undefined): Ranked {
  return sort && isRanked(sort) ? sort : "complexity";
}
