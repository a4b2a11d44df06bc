/** @file What an export costs its address: each reads a whole board or the whole log. */

import type { Home } from "../home.ts";
import { checkQuota, countRequest, quotaOfExports } from "../quotas.ts";

/** Whoever goes on asking beyond the quota writes nothing. @throws Refusal `too-many-requests`. */
export async function payForExport(home: Home): Promise<void> {
  const payer = quotaOfExports(home.address, home.limits);
  if (payer === null) return;
  const { db, close } = await home.open("write");
  try {
    await checkQuota(db, payer, home.now());
    await countRequest(db, payer, home.now());
  } finally {
    await close();
  }
}
