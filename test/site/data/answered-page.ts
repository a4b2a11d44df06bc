/** @file A board's page as the API answers it: its own schema reads the query, with the defaults that it has. */

import { type BoardPage, BoardQuery, type BoardRow } from "../../../record/board/board-row.ts";
import { isRanked } from "../../../record/board/board-columns.ts";
import { isHiddenState } from "../../../record/board/states.ts";
import { digest } from "./rows.ts";

/** @param rows of the board, hidden ones among them. */
export function answeredPage(rows: readonly BoardRow[], query: URLSearchParams): BoardPage {
  const { sort, order, limit, after, state } = BoardQuery.parse(Object.fromEntries(query));
  const sign = order === "ascending" ? 1 : -1;
  const isWanted = ({ standing }: BoardRow) =>
    state === undefined
      ? !isHiddenState(standing.state)
      : state.split(",").includes(standing.state);
  const mean = ({ numbers }: BoardRow) => (isRanked(sort) ? (numbers[sort]?.mean ?? 0) : 0);
  const sorted = rows.filter(isWanted).sort((a, b) => sign * (mean(a) - mean(b)));
  const start = Number(after ?? 0);
  const count = (hidden: string) => rows.filter(({ standing }) => standing.state === hidden).length;
  return {
    ...{ protocol: { id: digest(9), name: "micro-1" }, sort, order, total: sorted.length },
    hidden: {
      superseded: count("superseded"),
      retracted: count("retracted"),
      quarantined: count("quarantined"),
    },
    logSize: 20_000,
    rows: sorted.slice(start, start + limit),
    next: start + limit < sorted.length ? String(start + limit) : null,
  };
}
