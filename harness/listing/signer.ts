/** @file Which key signs a folder's statement. */

import type { Effects } from "../effects.ts";
import { UserError } from "../errors.ts";
import {
  type KeyEffects,
  type SigningKey,
  askPassphrase,
  listKeys,
  readKeyFile,
  unlockKey,
} from "./key-store.ts";
import { readState } from "./folder-state.ts";

export const DEFAULT_KEY = "default";

export interface Signer {
  /** In hexadecimal. */
  publicKey: string;
  /** To be called only where something is signed, as it may ask for a passphrase. */
  unlock: () => Promise<SigningKey>;
}

export interface NamedSigner extends Signer {
  name: string;
  displayName: string | null;
}

/** The keys of one command: each is read once, and each passphrase is asked for once. */
export interface Keyring {
  /** @throws UserError when there is no such key. */
  named(name: string): NamedSigner;
  /**
   * The key that is named; else the one that committed to or signed what the folder holds; else `default`.
   *
   * @throws UserError when this machine does not have it.
   */
  of(folder: string, asked: string | null): NamedSigner;
}

export function createKeyring(effects: KeyEffects): Keyring {
  const signers = new Map<string, NamedSigner>();
  const named = (name: string): NamedSigner => {
    const signer = signers.get(name) ?? signerNamed(name, effects);
    signers.set(name, signer);
    return signer;
  };
  return { named, of: (folder, asked) => named(asked ?? nameFor(folder, effects)) };
}

/** @throws UserError when there is no such key. */
export function signerNamed(name: string, effects: KeyEffects): NamedSigner {
  // Read once, so that both halves belong to one key even if the file is exchanged meanwhile.
  const file = readKeyFile(name, effects);
  const unlock = once(() => unlockKey(file, () => askPassphrase(name, effects)));
  return { name, publicKey: file.publicKey, displayName: file.displayName, unlock };
}

/** A keyring's `of`, for a command that needs one key only. */
export function signerOf(folder: string, asked: string | null, effects: KeyEffects): NamedSigner {
  return createKeyring(effects).of(folder, asked);
}

function nameFor(folder: string, effects: KeyEffects): string {
  const publicKey = keyOfFolder(folder);
  return publicKey === null ? DEFAULT_KEY : nameOf(publicKey, folder, effects);
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
