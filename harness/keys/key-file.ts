/** @file NAME.json: a key pair, its secret half plain or behind a passphrase. */

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { PublicKey, publicKeyOf } from "../../record/signature/ed25519.ts";
import { EXIT, UserError } from "../errors.ts";
import { decryptSeed, EncryptedSeed, encryptSeed } from "./encrypted-seed.ts";
import type { SigningKey } from "./signing-key.ts";

const common = {
  name: z.string(),
  publicKey: PublicKey,
  /** What the key is to be called in public; registering publishes it. */
  displayName: z.string().nullable(),
};

export const KeyFile = z.union([
  z.strictObject({ ...common, seed: z.string().regex(/^[0-9a-f]{64}$/) }),
  z.strictObject({ ...common, encrypted: EncryptedSeed }),
]);
export type KeyFile = z.infer<typeof KeyFile>;

/** @param passphrase null: the seed is kept as it is, and the file's mode is all that guards it. */
export async function lockKey(key: SigningKey, passphrase: string | null): Promise<KeyFile> {
  const { name, publicKey, seed, displayName = null } = key;
  const rest = { name, publicKey, displayName };
  if (passphrase === null) return { ...rest, seed: bytesToHex(seed) };
  return { ...rest, encrypted: await encryptSeed(seed, passphrase, publicKey) };
}

/**
 * @param passphrase asked for only when the file needs one.
 * @throws UserError for a wrong passphrase, and for a public key that is not the seed's.
 */
export async function unlockKey(
  file: KeyFile,
  passphrase: () => Promise<string>,
): Promise<SigningKey> {
  const { name, publicKey, displayName } = file;
  const seed =
    "seed" in file
      ? hexToBytes(file.seed)
      : await decryptSeed(file.encrypted, await passphrase(), publicKey);
  if (seed === null)
    throw new UserError(`key ${name}: the passphrase is wrong, or its file is damaged.`);
  if (bytesToHex(await publicKeyOf(seed)) !== publicKey)
    throw new UserError(
      `key ${name} is damaged: its two halves do not belong together.`,
      EXIT.verification,
    );
  return { name, publicKey, seed, displayName };
}
