/** @file A new key in place of an old one, such that a kill at any moment loses neither. */

import type { Effects } from "../cli/effects.ts";
import type { Client } from "../client/client.ts";
import { findKey, postKey, setDisplayName } from "../client/registration.ts";
import { unlockKey } from "./key-file.ts";
import { createKey, hasKey, type KeyEffects, readKeyFile, renameKey } from "./key-store.ts";
import { askPassphrase } from "./passphrase.ts";
import type { SigningKey } from "./signing-key.ts";

export interface Rotated {
  /** The new key, under the old one's name. */
  publicKey: string;
  /** The name under which the old one is kept. */
  retired: string;
}

/**
 * Draws a successor, has both keys sign that it is one, and exchanges the files once the server knows.
 *
 * A second call goes on where a first one stopped: the successor waits as NAME.next.
 */
export async function rotateKey(
  name: string,
  client: Client,
  effects: KeyEffects,
): Promise<Rotated> {
  const waiting = `${name}.next`;
  const file = readKeyFile(name, effects);
  const passphrase = "encrypted" in file ? await askPassphrase(name, effects) : null;
  const unlock = (of: string) =>
    unlockKey(readKeyFile(of, effects), () => Promise.resolve(passphrase ?? ""));
  const old = await unlock(name);
  const next = hasKey(waiting, effects)
    ? await unlock(waiting)
    : await createKey({ name: waiting, displayName: file.displayName, passphrase }, effects);
  await announce(old, next, client);
  return { publicKey: next.publicKey, retired: exchangeFiles(name, old.publicKey, effects) };
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

function exchangeFiles(name: string, oldKey: string, effects: Pick<Effects, "env">): string {
  const retired = `${name}.retired-${oldKey.slice(0, 8)}`;
  renameKey(name, retired, effects);
  renameKey(`${name}.next`, name, effects);
  return retired;
}
