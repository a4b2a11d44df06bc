/** @file Where a page of a board ended: opaque to its readers. */

import { z } from "zod";
import { SORTS, type Sort } from "../../record/board/board-columns.ts";
import { Digest } from "../../record/run.ts";

const Cursor = z.tuple([
  z.enum(SORTS),
  z.enum(["ascending", "descending"]),
  /** The last row's number in the sorted column; of `receivedAt`, milliseconds. */
  z.number().nullable(),
  /** Its entry. */
  Digest,
]);

export interface BoardCursor {
  value: number | null;
  id: string;
}
export interface BoardOrder {
  sort: Sort;
  order: "ascending" | "descending";
}

export function formatCursor({ sort, order }: BoardOrder, { value, id }: BoardCursor): string {
  const text = JSON.stringify([sort, order, value, id] satisfies z.infer<typeof Cursor>);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Null for what was not written for a page in this order. */
export function parseCursor({ sort, order }: BoardOrder, text: string): BoardCursor | null {
  let parsed;
  try {
    const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
    parsed = Cursor.safeParse(JSON.parse(atob(base64)));
  } catch {
    return null;
  }
  if (!parsed.success) return null;
  const [cursorSort, cursorOrder, value, id] = parsed.data;
  const isPlace = cursorSort === sort && cursorOrder === order && isOf(sort, value);
  return isPlace ? { value, id } : null;
}

/** Years from 1970 to 5138, which every database knows. */
const MOST_MILLISECONDS = 1e14;

/** Could the sorted column hold it? */
function isOf(sort: Sort, value: number | null): boolean {
  if (value === null) return sort !== "receivedAt" && sort !== "params";
  if (sort === "params") return Number.isSafeInteger(value);
  return sort !== "receivedAt" || (value >= 0 && value < MOST_MILLISECONDS);
}
