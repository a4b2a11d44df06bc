/** @file A key as the server knows it, and the request that tells it. */

import { z } from "zod";
import { Receipt } from "../log/log-entry.ts";
import { PublicKey } from "../signature/ed25519.ts";
import { Envelope } from "../statement/envelope.ts";

/** Body of POST /v1/keys. */
export const KeyRequest = z.strictObject({
  /** A key statement. */
  envelope: Envelope,
  /** The text whose digest an action `name` signs; null with every other action, and to remove a name. */
  name: z.string().max(200).nullable(),
});
export type KeyRequest = z.infer<typeof KeyRequest>;

export const KeyDocument = z.strictObject({
  key: PublicKey,
  name: z.string().nullable(),
  registeredAt: z.iso.datetime(),
  /** Nothing signed from then on counts. */
  revokedFrom: z.iso.datetime().nullable(),
  /** The key that replaced it. */
  next: PublicKey.nullable(),
  /** Results listed, reproductions of others. */
  results: z.int().min(0),
  reproductions: z.int().min(0),
});
export type KeyDocument = z.infer<typeof KeyDocument>;

export const KeyAnswer = z.strictObject({
  key: KeyDocument,
  /** Null for an action that is not logged (`name`). */
  receipt: Receipt.nullable(),
});
export type KeyAnswer = z.infer<typeof KeyAnswer>;
