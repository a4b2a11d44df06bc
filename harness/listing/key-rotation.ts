/** @file Replaces an old key with a new one, so that a kill at any moment loses neither. */

import type { Effects } from "../effects.ts";
import type { Client } from "./client.ts";
import { UserError } from "../errors.ts";
import { findKey, postKey, setDisplayName } from "./registration.ts";
import {
  type KeyEffects,
  type KeyFile,
  LONGEST_KEY_NAME,
  type SigningKey,
  askPassphrase,
  copyKey,
  createKey,
  hasKey,
  listKeys,
  nextName,
  readKeyFile,
  replaceKey,
  unlockKey,
} from "./key-store.ts";

export interface Rotated {
  /** The new key, under the old one's name. */
  publicKey: string;
  /** The name under which the old key is kept; null when that key was not found. */
  retired: string | null;
}

/**
 * Draws a successor, has both keys sign the replacement, and exchanges the files once the server knows.
 *
 * A second call continues where the first one stopped: the successor is kept as NAME.next.
 *
 * @throws UserError before anything is announced when the old key's name leaves no room for a retired one.
 */
export async function rotateKey(
  name: string,
  client: Client,
  effects: KeyEffects,
): Promise<Rotated> {
  requireRoom(name);
  const finished = finishRotation(name, effects);
  if (finished !== null) return finished;
  const waiting = nextName(name);
  const file = readKeyFile(name, effects);
  const retired = retiredName(name, file.publicKey);
  const passphrase = "encrypted" in file ? await askPassphrase(name, effects) : null;
  const unlock = (of: KeyFile) => unlockKey(of, () => Promise.resolve(passphrase ?? ""));
  const old = await unlock(file);
  const next = hasKey(waiting, effects)
    ? await unlock(readKeyFile(waiting, effects))
    : await createKey({ name: waiting, displayName: file.displayName, passphrase }, effects);
  await announce(old, next, client);
  // In this order there is a key of the name at every moment.
  copyKey(name, retired, effects);
  replaceKey(waiting, name, effects);
  return { publicKey: next.publicKey, retired };
}

/**
 * Moves a successor into its place when the predecessor is already gone. An earlier version left this when it was
 * killed while exchanging the files, which it did only after the server knew. Null when there is nothing to finish.
 */
export function finishRotation(name: string, effects: Pick<Effects, "env">): Rotated | null {
  const waiting = nextName(name);
  if (hasKey(name, effects) || !hasKey(waiting, effects)) return null;
  replaceKey(waiting, name, effects);
  const retired = listKeys(effects).filter((key) => key.name.startsWith(retiredName(name, "")));
  const isOnly = retired.length === 1;
  return {
    publicKey: readKeyFile(name, effects).publicKey,
    retired: isOnly ? retired[0]!.name : null,
  };
}

function requireRoom(name: string): void {
  const longest = LONGEST_KEY_NAME - retiredName("", "0".repeat(64)).length;
  if (name.length <= longest) return;
  throw new UserError(
    `key ${name}: its name is too long for one that is kept after a rotation. Rename its file first: at most ${longest} characters.`,
  );
}

function retiredName(name: string, publicKey: string): string {
  return `${name}.retired-${publicKey.slice(0, 8)}`;
}

async function announce(old: SigningKey, next: SigningKey, client: Client): Promise<void> {
  const known = await findKey(client, old.publicKey);
  if (known?.next !== next.publicKey) {
    const at = new Date().toISOString();
    const statement = { action: "rotate", key: old.publicKey, next: next.publicKey, at } as const;
    await postKey(client, statement, [old.seed, next.seed]);
  }
  if (next.displayName) await setDisplayName(client, next, next.displayName);
}
