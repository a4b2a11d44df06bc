/** @file Which key signs a folder's statement. */

import type { Argument } from "../cli/command.ts";
import type { Effects } from "../cli/effects.ts";
import { text } from "../cli/values.ts";
import { UserError } from "../errors.ts";
import { listKeys, readKey, readKeyFile, type KeyEffects } from "../keys/key-store.ts";
import { readState } from "./folder-state.ts";
import type { SigningKey } from "../keys/signing-key.ts";

export const DEFAULT_KEY = "default";

/** Null: the folder's own key, else the one named `default`. */
export const keyArgument = {
  summary: `name of the key that signs (default: the folder's own, else ${DEFAULT_KEY})`,
  placeholder: "NAME",
  read: text,
  fallback: null,
} as const satisfies Argument;

export interface Signer {
  /** In hexadecimal. */
  publicKey: string;
  /** Asked for only where something is to be signed: it may need a passphrase. */
  unlock: () => Promise<SigningKey>;
}

export interface NamedSigner extends Signer {
  name: string;
  displayName: string | null;
}

/** @throws UserError when there is no such key. */
export function signerNamed(name: string, effects: KeyEffects): NamedSigner {
  const { publicKey, displayName } = readKeyFile(name, effects);
  const unlock = once(() => readKey(name, effects));
  return { name, publicKey, displayName: displayName ?? null, unlock };
}

/**
 * The key asked for; else the one that committed to or signed what the folder holds.
 *
 * @throws UserError when this machine does not have it.
 */
export function signerOf(folder: string, asked: string | null, effects: KeyEffects): NamedSigner {
  if (asked !== null) return signerNamed(asked, effects);
  const publicKey = keyOfFolder(folder);
  if (publicKey === null) return signerNamed(DEFAULT_KEY, effects);
  return signerNamed(nameOf(publicKey, folder, effects), effects);
}

function keyOfFolder(folder: string): string | null {
  const envelope = readState(folder, "submission") ?? readState(folder, "commitment");
  return envelope?.signatures[0]?.keyid ?? null;
}

function nameOf(publicKey: string, folder: string, effects: Pick<Effects, "env">): string {
  const found = listKeys(effects).find((key) => key.publicKey === publicKey);
  if (found) return found.name;
  throw new UserError(`${folder} belongs to key ${publicKey}, which is not on this machine.`);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= work());
}
