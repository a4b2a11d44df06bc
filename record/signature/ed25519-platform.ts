/** @file Ed25519 by the platform's WebCrypto. */

import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import type { Ed25519 } from "./ed25519-backend.ts";

const ALGORITHM = "Ed25519";
/** RFC 8410 section 7: a PKCS #8 private key up to the seed. */
const PKCS8 = hexToBytes("302e020100300506032b657004220420");

/** Null where the platform lacks the algorithm, or WebCrypto (a page without TLS). */
export async function platformEd25519(): Promise<Ed25519 | null> {
  try {
    await importSeed(new Uint8Array(32), false);
    return { publicKey, sign, equationHolds };
  } catch {
    return null;
  }
}

function importSeed(seed: Uint8Array, extractable: boolean): Promise<CryptoKey> {
  const document = new Uint8Array(concatBytes(PKCS8, seed));
  return crypto.subtle.importKey("pkcs8", document, ALGORITHM, extractable, ["sign"]);
}

async function publicKey(seed: Uint8Array): Promise<Uint8Array> {
  const { x } = await crypto.subtle.exportKey("jwk", await importSeed(seed, true));
  const base64 = x!.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

async function sign(message: Uint8Array, seed: Uint8Array): Promise<Uint8Array> {
  const key = await importSeed(seed, false);
  return new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, new Uint8Array(message)));
}

async function equationHolds(
  signature: Uint8Array,
  message: Uint8Array,
  key: Uint8Array,
): Promise<boolean> {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", new Uint8Array(key), ALGORITHM, false, [
      "verify",
    ]);
  } catch {
    return false; // some platforms look for the point of the curve already here
  }
  return crypto.subtle.verify(
    ALGORITHM,
    imported,
    new Uint8Array(signature),
    new Uint8Array(message),
  );
}
