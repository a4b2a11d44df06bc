/** @file A board's rows from the server, or where it does not answer from the file that the build has left. */

import {
  RANK_ORDER,
  type Ranked,
  type Sort,
  isRanked,
} from "../../../record/board/board-columns.ts";
import type { BoardPage, BoardRow } from "../../../record/board/board-row.ts";
import { HIDDEN_STATES } from "../../../record/board/states.ts";
import { type Answer, type Query, answerOf, pageApi, respond } from "../../data/api.ts";
import {
  type BoardModel,
  type BoardRows,
  type SaidOfEntry,
  saidIn,
} from "../../data/board-model.ts";
import { PAGE_ROWS } from "../../data/board-view.ts";

/** What is wanted beyond the first page. */
export interface RowsRequest {
  ranked: Ranked;
  hidden: boolean;
  /** Are rows with custom code ranked among the others? */
  ranksCustom: boolean;
  /** Every page, not only as many as are fetched unasked. */
  all: boolean;
  /** Those of a map, also where the page has it from the build: it is drawn anew. */
  map: boolean;
}

/** What is fetched of a board whatever its size. */
const FIRST_ROWS = 300;

/** Rows of each page fetched after the first, which is as long as the table's. */
const LIMIT = 200;

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

  /** Null while nothing has changed since it was last asked with the same request. */
  async changes(request: RowsRequest): Promise<Answer<BoardRows | null>> {
    const asked = JSON.stringify(request);
    const etag = asked === this.#asked ? this.#etag : null;
    const first = await this.#first(request, etag);
    if (!first.ok || first.value === null) return first as Answer<null>;
    const rows = await this.#rest(first.value.document, request);
    if (rows.ok) [this.#etag, this.#asked] = [first.value.etag, asked];
    return rows;
  }

  /**
   * What was asked for, unless the board is as it was built: then null. The first page is asked for once, for both.
   *
   * @param grows told of the first page, before the others are asked for.
   */
  async grown(
    request: RowsRequest,
    grows: (first: BoardPage) => void,
  ): Promise<Answer<BoardRows | null>> {
    const first = await this.#first(request, null);
    if (!first.ok) return first;
    const { document } = first.value!;
    if (String(document.logSize) === this.#builtLogSize) return { ok: true, value: null };
    grows(document);
    return this.#rest(document, request);
  }

  /** The next answer brings every row, changed or not: those of the last one were not shown. */
  forget(): void {
    this.#etag = null;
  }

  #first(request: RowsRequest, etag: string | null) {
    const query = { ...orderOf(request), limit: PAGE_ROWS };
    return pageApi.changedBoard(this.#protocol, query, etag);
  }

  async #rest(page: BoardPage, request: RowsRequest): Promise<Answer<BoardRows>> {
    const order = orderOf(request);
    const more = await this.#pages(order, page.next, this.#rowsAfterFirst(page, request));
    if (!more.ok) return more;
    const isAnyHidden = Object.values(page.hidden).some((number) => number > 0);
    const state = { ...order, state: HIDDEN_STATES.join(",") };
    const others =
      request.hidden && isAnyHidden ? await this.#pages(state, undefined, Infinity) : NO_ROWS;
    if (!others.ok) return others;
    const { protocol, total, hidden, logSize } = page;
    const { ranked, ranksCustom } = request;
    const rows = distinct([...page.rows, ...more.value, ...others.value]);
    return { ok: true, value: { protocol, rows, total, hidden, logSize, ranked, ranksCustom } };
  }

  /** A large board that is as it was built has its map on the page. */
  #rowsAfterFirst({ total, logSize }: BoardPage, { all, map }: RowsRequest): number {
    if (all) return Infinity;
    const isBuilt = !map && total > FIRST_ROWS && String(logSize) === this.#builtLogSize;
    return isBuilt ? 0 : FIRST_ROWS - PAGE_ROWS;
  }

  /** @param after undefined: from the first page; null: there is none. @param most rows, give or take a page. */
  async #pages(
    query: Query,
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

/** That of the ranks: what a large board's first rows are is decided by the server. */
function orderOf({ ranked, ranksCustom }: RowsRequest): Query {
  const custom = ranksCustom ? "ranked" : null;
  return { sort: ranked, order: RANK_ORDER[ranked], custom };
}

const NO_ROWS = { ok: true as const, value: [] };

/** Pages fetched one after the other can overlap when the board changes in between. */
function distinct(rows: BoardRow[]): BoardRow[] {
  return [...new Map(rows.map((row) => [row.entry, row])).values()];
}

/** The build's rows; null where it had none, or where they cannot be had either. */
export async function builtRows({ name }: BoardModel["protocol"]): Promise<BoardModel | null> {
  const response = await respond(`/boards/${name}/rows.json`);
  const built = await answerOf(response, (each) => each.json() as Promise<BoardModel>);
  return built.ok && built.value.logSize !== null ? built.value : null;
}

/** The order of the server that shows ranks for a column; learned complexity for one that has none. */
export function rankedOf(sort: Sort | null | undefined): Ranked {
  return sort && isRanked(sort) ? sort : "learnedComplexity";
}

/** For so long after a change of the board servers may still say what they said before; twice that is enough. */
const SETTLED_MS = 12_000;

const PAUSE_MS = 3000;

/** What a board's tests allow to be said, as it is now. */
export class SentenceSource {
  readonly #protocol: string;
  #etag: string | null = null;
  #ranksCustom = false;
  #changedAt = -Infinity;
  #askedAt = -Infinity;
  #asking: Promise<unknown> = Promise.resolve();

  constructor(protocol: string) {
    this.#protocol = protocol;
  }

  /** The board is another than it was, so its sentences may be others too. @param now in milliseconds. */
  boardChanged(now: number): void {
    this.#changedAt = now;
    this.#askedAt = -Infinity;
  }

  /**
   * Null while there are no others, or none to be had: what was said before stays.
   *
   * @param now in milliseconds. @param ranksCustom whether custom code is spoken of, too.
   */
  changes(now: number, ranksCustom = false): Promise<SaidOfEntry[] | null> {
    if (ranksCustom !== this.#ranksCustom) this.#etag = null;
    this.#ranksCustom = ranksCustom;
    const answer = this.#asking.then(() => this.#ask(now, ranksCustom));
    this.#asking = answer.catch(() => null);
    return answer;
  }

  /** One after the other, so that none fetches again what another is about to have. */
  async #ask(now: number, ranksCustom: boolean): Promise<SaidOfEntry[] | null> {
    const isSettled = this.#askedAt > this.#changedAt + SETTLED_MS;
    if (isSettled || now < this.#askedAt + PAUSE_MS) return null;
    this.#askedAt = now;
    const query = ranksCustom ? { custom: "ranked" } : {};
    const answer = await pageApi.changedSentences(this.#protocol, query, this.#etag);
    if (ranksCustom !== this.#ranksCustom) return null; // others are asked for meanwhile
    if (!answer.ok) this.#changedAt = now; // asked again until it comes
    if (!answer.ok || answer.value === null) return null;
    this.#etag = answer.value.etag;
    return saidIn(answer.value.document);
  }
}
