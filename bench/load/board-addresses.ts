/** @file Pages of a board that nobody asked for yet: every order, some pages deep. */

import { SORTS } from "../../record/board/board-columns.ts";
import type { BoardPage } from "../../record/board/board-row.ts";
import { readJson, readText } from "./reads.ts";

const ORDERS = ["ascending", "descending"] as const;

/** Reads pages as they come, each an address of its own, so that no cache has it. */
export async function readNewPages(
  url: string,
  deep: number,
  timed: (read: () => Promise<void>) => Promise<void>,
): Promise<void> {
  for (const sort of SORTS)
    for (const order of ORDERS) {
      let after = "";
      for (let page = 0; page < deep; page++) {
        const address = `${url}/v1/boards/micro-1?sort=${sort}&order=${order}${after}`;
        let next: string | null = null;
        await timed(async () => void ({ next } = await readJson<BoardPage>(address)));
        if (next === null) break;
        after = `&after=${String(next)}`;
      }
    }
}

/** The first page through a filter, once in each order. */
export async function readFiltered(
  url: string,
  filter: string,
  timed: (read: () => Promise<void>) => Promise<void>,
): Promise<void> {
  for (const sort of SORTS)
    for (const order of ORDERS)
      await timed(
        async () =>
          void (await readText(`${url}/v1/boards/micro-1?${filter}&sort=${sort}&order=${order}`)),
      );
}
