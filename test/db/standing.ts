/** @file Where one entry stands, as its configuration's refresh would tell it. */

import { eq } from "drizzle-orm";
import type { Reader } from "../../db/db.ts";
import { type EntryStanding, standingsOf } from "../../db/project/standings.ts";
import { entries } from "../../db/schema.ts";

export async function toldOf(db: Reader, id: string): Promise<EntryStanding> {
  const [entry] = await db.select().from(entries).where(eq(entries.id, id));
  return (await standingsOf(db, entry!.protocol, [entry!])).get(id)!;
}

export async function standingOf(db: Reader, id: string) {
  return (await toldOf(db, id)).standing;
}
