/** @file Quotas in fixed windows, kept in the database so that a restart or a second server forgets none. */

import { and, eq, lt, sql } from "drizzle-orm";
import type { Reader } from "../db/db.ts";
import { quotas } from "../db/schema.ts";
import { addressBlock } from "./address-block.ts";
import type { Home, Limits, Quota } from "./home.ts";
import { Refusal } from "./problem.ts";

/** Whose quota a request comes out of. */
export interface Payer {
  /** As it stands in the table. */
  subject: string;
  /** For the refusal. */
  name: string;
  quota: Quota;
}

/** A quota is used up. */
export class UsedUp extends Refusal {
  readonly subject: string;

  constructor({ subject, name, quota }: Payer, retryAfterSeconds: number) {
    const { requests, windowSeconds } = quota;
    const detail = `${name} has used its ${requests} requests in ${windowSeconds} seconds.`;
    super("too-many-requests", detail, [], retryAfterSeconds);
    this.subject = subject;
  }
}

/** Of its writes; null where the home knows no address. */
export function quotaOfAddress(address: string | null, limits: Limits): Payer | null {
  if (address === null) return null;
  const block = addressBlock(address);
  return { subject: `address:${block} writes`, name: block, quota: limits.address };
}

/** The same of its exports. */
export function quotaOfExports(address: string | null, limits: Limits): Payer | null {
  if (address === null) return null;
  const block = addressBlock(address);
  return { subject: `address:${block} exports`, name: block, quota: limits.exports };
}

/** Asked only once the key's signature holds. */
export function quotaOfKey(key: string, limits: Limits): Payer {
  return { subject: `key:${key} writes`, name: `key ${key}`, quota: limits.key };
}

/** Looks, and counts nothing. @throws UsedUp */
export async function checkQuota(db: Reader, payer: Payer, now: Date): Promise<void> {
  const [row] = await db
    .select({ used: quotas.used })
    .from(quotas)
    .where(and(eq(quotas.subject, payer.subject), eq(quotas.startsAt, windowStart(payer, now))));
  if (row && row.used >= payer.quota.requests) throw usedUp(payer, now);
}

/**
 * Counts one request. Within the transaction of what it pays for, so that a server's failure costs nothing.
 *
 * @throws UsedUp when there was no room for it, or others were faster since `checkQuota`.
 */
export async function countRequest(db: Reader, payer: Payer, now: Date): Promise<void> {
  const startsAt = windowStart(payer, now);
  const [row] = await db
    .insert(quotas)
    .values({ subject: payer.subject, startsAt, used: 1 })
    .onConflictDoUpdate({
      target: [quotas.subject, quotas.startsAt],
      set: { used: sql`${quotas.used} + 1` },
    })
    .returning({ used: quotas.used });
  if (row!.used > payer.quota.requests) throw usedUp(payer, now);
}

/** Rows of windows that are over on every server's clock, with the addresses in them. */
export async function forgetQuotas(home: Home): Promise<void> {
  const { address, key, exports } = home.limits;
  const longest = 1000 * Math.max(...[address, key, exports].map((each) => each.windowSeconds));
  const { db, close } = await home.open("write");
  try {
    await db
      .delete(quotas)
      .where(lt(quotas.startsAt, new Date(home.now().getTime() - 2 * longest)));
  } finally {
    await close();
  }
}

function windowStart({ quota }: Payer, now: Date): Date {
  const window = quota.windowSeconds * 1000;
  return new Date(Math.floor(now.getTime() / window) * window);
}

function usedUp(payer: Payer, now: Date): UsedUp {
  const end = windowStart(payer, now).getTime() + payer.quota.windowSeconds * 1000;
  return new UsedUp(payer, Math.max(1, Math.ceil((end - now.getTime()) / 1000)));
}
