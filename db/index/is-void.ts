/** @file "Nothing signed from then on counts": what arrived after its key's revocation. */

import type { keys } from "../schema.ts";

/** A replaced key signed nothing after its rotation, so nothing of it becomes void. */
export function isVoid(
  signer: Pick<typeof keys.$inferSelect, "revokedFrom" | "next">,
  receivedAt: Date,
): boolean {
  const { revokedFrom, next } = signer;
  return revokedFrom !== null && next === null && revokedFrom <= receivedAt;
}
