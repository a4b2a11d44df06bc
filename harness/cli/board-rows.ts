/** @file One key's rows of a board, read back from the server once it has caught up. */

import { setTimeout as sleep } from "node:timers/promises";
import { BoardPage, type BoardRow } from "../../record/board/board-row.ts";
import type { Client } from "../client/client.ts";

/** Boards are refreshed behind the log, within two seconds. */
const PATIENCE_MILLISECONDS = 5_000;
const PAUSE_MILLISECONDS = 200;

/** By complexity. @param count rows to wait for; fewer when they do not come in time. */
export async function ownRows(
  client: Client,
  protocol: string,
  key: string,
  count: number,
): Promise<BoardRow[]> {
  const path = `/v1/boards/${protocol}?sort=complexity&limit=200&key=${key}`;
  const end = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const { rows } = await client.get(path, BoardPage);
    if (rows.length >= count || Date.now() > end) return rows;
    await sleep(PAUSE_MILLISECONDS);
  }
}
