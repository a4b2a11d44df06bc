/** @file The folder of a person's keys: files that nobody else may read. */

import { bytesToHex } from "@noble/hashes/utils.js";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { schemaProblems } from "../../record/problem.ts";
import { createSeed, publicKeyOf } from "../../record/signature/ed25519.ts";
import type { Effects } from "../cli/effects.ts";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, makeFolder, readJson, writeJsonAtomic, writeNewJson } from "../files.ts";
import { keysFolder } from "./config-folder.ts";
import { KeyFile, lockKey, unlockKey } from "./key-file.ts";
import { askPassphrase } from "./passphrase.ts";
import type { SigningKey } from "./signing-key.ts";

/** What the key store needs of the world. */
export type KeyEffects = Pick<Effects, "env" | "askSecret">;

export const SECRET_MODE = 0o600;
export const LONGEST_KEY_NAME = 64;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws UserError for a name that cannot be a file's. */
export function keyPath(name: string, { env }: Pick<Effects, "env">): string {
  if (NAME.test(name)) return join(keysFolder(env), `${name}.json`);
  throw new UserError(
    `"${name}" cannot name a key: letters, digits, dot, dash and underscore, at most ${LONGEST_KEY_NAME}, a letter or digit first.`,
  );
}

/**
 * The key of a name, unlocked; asks for its passphrase when it has one.
 *
 * @throws UserError when there is none, others could read it, it is damaged, or the passphrase is wrong.
 */
export async function readKey(name: string, effects: KeyEffects): Promise<SigningKey> {
  return unlockKey(readKeyFile(name, effects), () => askPassphrase(name, effects));
}

/** The same still locked: needs no passphrase. Its name is the file's, whatever the file says of itself. */
export function readKeyFile(name: string, effects: Pick<Effects, "env">): KeyFile {
  const path = keyPath(name, effects);
  requirePrivate(path);
  const document = readJson(path);
  if (document === null) throw noKey(name, effects);
  const parsed = KeyFile.safeParse(document);
  if (parsed.success) return { ...parsed.data, name };
  const problems = schemaProblems(parsed.error).map((problem) => `  ${problem}`);
  throw new UserError([`${path} is damaged:`, ...problems].join("\n"), EXIT.verification);
}

function noKey(name: string, effects: Pick<Effects, "env">): UserError {
  const isHalfRotated = NAME.test(nextName(name)) && hasKey(nextName(name), effects);
  const cure = isHalfRotated
    ? `Its rotation was cut short; go on with: rademark keys rotate ${name}`
    : `Make one: rademark keys create --name ${name}`;
  return new UserError(`There is no key "${name}" in ${keysFolder(effects.env)}. ${cure}`);
}

/** Under which a key's successor waits while the key is rotated. */
export function nextName(name: string): string {
  return `${name}.next`;
}

export function hasKey(name: string, effects: Pick<Effects, "env">): boolean {
  return existsSync(keyPath(name, effects));
}

/**
 * Draws a key pair and keeps it.
 *
 * @param passphrase null: none.
 * @throws UserError when the name is taken: a key is never overwritten.
 */
export async function createKey(
  {
    name,
    displayName,
    passphrase,
  }: Pick<SigningKey, "name" | "displayName"> & { passphrase: string | null },
  effects: Pick<Effects, "env">,
): Promise<SigningKey> {
  const path = keyPath(name, effects);
  const seed = createSeed();
  const publicKey = bytesToHex(await publicKeyOf(seed));
  const key: SigningKey = { name, publicKey, seed, displayName: displayName ?? null };
  makePrivateFolder(dirname(path));
  if (writeNewJson(path, await lockKey(key, passphrase), SECRET_MODE)) return key;
  throw new UserError(`There is a key "${name}" already (${path}). Choose another --name.`);
}

/** Changes what is not secret. */
export function rewriteKeyFile(file: KeyFile, effects: Pick<Effects, "env">): void {
  writeJsonAtomic(keyPath(file.name, effects), file, SECRET_MODE);
}

/** Keeps a key under a second name, too. @throws UserError when another key has that one. */
export function copyKey(name: string, copy: string, effects: Pick<Effects, "env">): void {
  const file = { ...readKeyFile(name, effects), name: copy };
  const path = keyPath(copy, effects);
  if (writeNewJson(path, file, SECRET_MODE)) return;
  if (readKeyFile(copy, effects).publicKey !== file.publicKey)
    throw new UserError(`There is a key "${copy}" already (${path}).`);
}

/** Gives a key another name, in place of the key that has it. */
export function replaceKey(from: string, to: string, effects: Pick<Effects, "env">): void {
  const [source, target] = [keyPath(from, effects), keyPath(to, effects)];
  writeJsonAtomic(source, { ...readKeyFile(from, effects), name: to }, SECRET_MODE);
  renameSync(source, target);
}

/** All keys of this machine, by name. */
export function listKeys(effects: Pick<Effects, "env">): KeyFile[] {
  const folder = keysFolder(effects.env);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".json") && !file.startsWith("."))
    .map((file) => file.slice(0, -".json".length));
  return names.sort().map((name) => readKeyFile(name, effects));
}

/** A secret that others can read is none: nothing is signed with it. */
function requirePrivate(path: string): void {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || process.platform === "win32" || (mode & 0o077) === 0) return;
  throw new UserError(
    `${path} can be read by others (mode ${(mode & 0o777).toString(8)}), so it is not used. Run: chmod 600 ${path}`,
  );
}

function makePrivateFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
    chmodSync(path, 0o700); // whatever the umask is
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw explainDisk(error, path);
  }
}
