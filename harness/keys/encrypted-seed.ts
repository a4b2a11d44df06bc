/** @file A seed behind a passphrase: scrypt (RFC 7914) makes the key, AES-256-GCM (NIST SP 800-38D) hides and guards it. */

import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { z } from "zod";

const Hex = z.string().regex(/^(?:[0-9a-f]{2})+$/);

export const EncryptedSeed = z.strictObject({
  /** N, r and p; bounded, so that no file can ask for all memory. */
  kdf: z.strictObject({
    name: z.literal("scrypt"),
    cost: z
      .int()
      .min(2)
      .max(2 ** 20),
    blockSize: z.int().min(1).max(16),
    parallelization: z.int().min(1).max(16),
  }),
  salt: Hex.length(32),
  iv: Hex.length(24),
  /** 32 bytes of ciphertext and the tag's 16. */
  ciphertext: Hex.length(96),
});
export type EncryptedSeed = z.infer<typeof EncryptedSeed>;

/** 128 MiB and about 0.4 s: what OWASP's cheat sheet on password storage asks of scrypt. */
const KDF = { name: "scrypt", cost: 2 ** 17, blockSize: 8, parallelization: 1 } as const;
const CIPHER = "aes-256-gcm";
const TAG_BYTES = 16;

/** @param publicKey bound to the ciphertext, so that it cannot be passed off as another's. */
export async function encryptSeed(
  seed: Uint8Array,
  passphrase: string,
  publicKey: string,
): Promise<EncryptedSeed> {
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv(CIPHER, await derivedKey(passphrase, salt, KDF), iv);
  cipher.setAAD(Buffer.from(publicKey));
  const ciphertext = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()]);
  const hex = (bytes: Buffer) => bytes.toString("hex");
  return { kdf: KDF, salt: hex(salt), iv: hex(iv), ciphertext: hex(ciphertext) };
}

/** Null for a wrong passphrase, and for anything changed. */
export async function decryptSeed(
  { kdf, salt, iv, ciphertext }: EncryptedSeed,
  passphrase: string,
  publicKey: string,
): Promise<Uint8Array | null> {
  const key = await derivedKey(passphrase, Buffer.from(salt, "hex"), kdf);
  const bytes = Buffer.from(ciphertext, "hex");
  const decipher = createDecipheriv(CIPHER, key, Buffer.from(iv, "hex"));
  decipher.setAAD(Buffer.from(publicKey));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const seed = [decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()];
    return new Uint8Array(Buffer.concat(seed));
  } catch {
    return null;
  }
}

/** Unicode has several ways to write one passphrase; RFC 8265 section 4.2 takes NFC. */
function derivedKey(
  passphrase: string,
  salt: Buffer,
  { cost, blockSize, parallelization }: EncryptedSeed["kdf"],
): Promise<Buffer> {
  const maxmem = 2 * 128 * cost * blockSize * parallelization;
  return new Promise((resolve, reject) => {
    const parameters = { cost, blockSize, parallelization, maxmem };
    scrypt(passphrase.normalize("NFC"), salt, 32, parameters, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
