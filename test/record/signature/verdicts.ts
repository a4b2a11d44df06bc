/** @file The program that is bundled for every runtime: each backend's verdict on each case. */

import { hexToBytes } from "@noble/hashes/utils.js";
import { verify } from "../../../record/signature/ed25519.ts";
import type { Ed25519 } from "../../../record/signature/ed25519-backend.ts";
import { platformEd25519 } from "../../../record/signature/ed25519-platform.ts";
import { portableEd25519 } from "../../../record/signature/ed25519-portable.ts";

/** In hexadecimal. */
export interface SignatureCase {
  name: string;
  signature: string;
  message: string;
  key: string;
}

/** Names of the cases that are accepted; null where the platform has no Ed25519. */
export interface Verdicts {
  platform: string[] | null;
  portable: string[];
}

export async function verdictsOn(cases: readonly SignatureCase[]): Promise<Verdicts> {
  const platform = await platformEd25519();
  return {
    platform: platform && (await accepted(cases, platform)),
    portable: await accepted(cases, portableEd25519),
  };
}

async function accepted(cases: readonly SignatureCase[], backend: Ed25519): Promise<string[]> {
  const names: string[] = [];
  for (const { name, signature, message, key } of cases)
    if (await verify(hexToBytes(signature), hexToBytes(message), hexToBytes(key), backend))
      names.push(name);
  return names;
}
