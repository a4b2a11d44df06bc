/** @file The reference on a board's page while somebody looks at it: what the build has left of it, and its rows once they are needed. */

import type { BoardRow } from "../../../record/board/board-row.ts";
import { answerOf, pageApi, respond } from "../../data/api.ts";
import { referenceAddress } from "../../data/entry-address.ts";
import { type DrawnReference, type Reference, isSeeded } from "../../data/reference-layer.ts";

export class BoardReference {
  readonly #protocol: string;
  #drawn: DrawnReference | null;
  #leaf: Reference["leaf"];
  /** Of the entries that the build's map shows. */
  readonly #addresses: ReadonlySet<string | null>;
  #rows: Promise<readonly BoardRow[] | null> | undefined;

  /** @param root a board's section, before any of its parts was drawn anew. */
  constructor(root: HTMLElement) {
    const { board, reference, referenceLeaf } = root.dataset;
    const markup = root.querySelector("tbody.reference")?.innerHTML ?? "";
    this.#protocol = board!;
    const points = root.querySelectorAll(".plot .outlined a");
    this.#addresses = new Set(Array.from(points, (point) => point.getAttribute("href")));
    this.#drawn = reference ? { count: Number(reference), rows: null, markup } : null;
    this.#leaf = referenceLeaf ? (JSON.parse(referenceLeaf) as Reference["leaf"]) : null;
  }

  /** Null where there is none. */
  get drawn(): DrawnReference | null {
    return this.#drawn;
  }

  /** Are there rows that were not fetched yet? */
  get isUnread(): boolean {
    return this.#drawn !== null && this.#drawn.rows === null;
  }

  /** Has the build drawn a point for this entry? */
  has(entry: string | null): boolean {
    return entry !== null && this.#drawn !== null && this.#addresses.has(referenceAddress(entry));
  }

  /** Fetches the rows, if there are any that were not fetched yet. Where they cannot be had, all stays as it was built. */
  async load(): Promise<void> {
    if (!this.isUnread) return;
    this.#rows ??= fetchRows(this.#protocol);
    const rows = await this.#rows;
    if (rows === null)
      this.#rows = undefined; // asked for again when they are needed again
    else if (this.#drawn !== null) this.#drawn = { ...this.#drawn, rows };
  }

  /**
   * Looks once whether the board's log was seeded from the reference, where the build has not: then there is none to show.
   *
   * @returns false where it has been taken away.
   */
  async isApart(): Promise<boolean> {
    if (this.#drawn === null || this.#leaf === null) return true;
    const leaf = this.#leaf;
    const answer = await pageApi.log({ before: leaf.index + 1, limit: 1 });
    if (!answer.ok) return true; // asked again with the next change of the board
    this.#leaf = null;
    const { leaves } = answer.value;
    const digestAt = (i: number) => leaves.find(({ index }) => index === i)?.digest;
    if (!isSeeded(digestAt, leaf)) return true;
    this.#drawn = null;
    return false;
  }
}

async function fetchRows(protocol: string): Promise<readonly BoardRow[] | null> {
  const response = await respond(`/reference/boards/${protocol}.json`);
  const answer = await answerOf(response, (each) => each.json() as Promise<BoardRow[]>);
  return answer.ok ? answer.value : null;
}
