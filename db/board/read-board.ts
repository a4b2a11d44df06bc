/** @file What is known of a board without its rows. */

import { eq } from "drizzle-orm";
import type { Reader } from "../db.ts";
import { boards } from "../schema.ts";
import type { BoardCounts } from "./board-counts.ts";

export interface Board {
  version: number;
  logSize: number;
  /** Entries in it. */
  entries: number;
  counts: BoardCounts;
}

/** An empty one before anything was refreshed. */
export async function readBoard(db: Reader, protocol: string): Promise<Board> {
  const [found] = await db.select().from(boards).where(eq(boards.protocol, protocol));
  if (!found) return { version: 0, logSize: 0, entries: 0, counts: {} };
  const { version, logSize, entries, counts } = found;
  return { version, logSize, entries, counts: JSON.parse(counts) as BoardCounts };
}
