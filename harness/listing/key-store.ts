/** @file The folder of a person's keys, whose files nobody else may read. */

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { homedir } from "node:os";
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { z } from "zod";
import { PublicKey, createSeed, publicKeyOf } from "../../record/signature/ed25519.ts";
import type { Effects } from "../effects.ts";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk, makeFolder, readDocument, writeJsonAtomic, writeNewJson } from "../files.ts";

/** The effects that the key store needs. */
export type KeyEffects = Pick<Effects, "env" | "askSecret">;

export const SECRET_MODE = 0o600;
export const LONGEST_KEY_NAME = 64;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** @throws UserError for a name that cannot name a file. */
export function keyPath(name: string, { env }: Pick<Effects, "env">): string {
  if (NAME.test(name)) return join(keysFolder(env), `${name}.json`);
  throw new UserError(
    `"${name}" cannot name a key: letters, digits, dot, dash and underscore, at most ${LONGEST_KEY_NAME}, a letter or digit first.`,
  );
}

/**
 * Reads and unlocks a key; asks for its passphrase if it has one.
 *
 * @throws UserError when there is no such key, others could read it, it is damaged, or the passphrase is wrong.
 */
export async function readKey(name: string, effects: KeyEffects): Promise<SigningKey> {
  return unlockKey(readKeyFile(name, effects), () => askPassphrase(name, effects));
}

/** The same without unlocking it, so no passphrase is needed. The key is named after its file, whatever the file says. */
export function readKeyFile(name: string, effects: Pick<Effects, "env">): KeyFile {
  const path = keyPath(name, effects);
  requirePrivate(path);
  const file = readDocument(path, KeyFile);
  if (file === null) throw noKey(name, effects);
  return { ...file, name };
}

function noKey(name: string, effects: Pick<Effects, "env">): UserError {
  const isHalfRotated = NAME.test(nextName(name)) && hasKey(nextName(name), effects);
  const cure = isHalfRotated
    ? `Its rotation was cut short; go on with: rademark keys rotate ${name}`
    : `Make one: rademark keys create --name ${name}`;
  return new UserError(`There is no key "${name}" in ${keysFolder(effects.env)}. ${cure}`);
}

/** The name of a key's successor while the key is rotated. */
export function nextName(name: string): string {
  return `${name}.next`;
}

export function hasKey(name: string, effects: Pick<Effects, "env">): boolean {
  return existsSync(keyPath(name, effects));
}

/**
 * Draws a key pair and stores it.
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

/** Changes the parts that are not secret. */
export function rewriteKeyFile(file: KeyFile, effects: Pick<Effects, "env">): void {
  writeJsonAtomic(keyPath(file.name, effects), file, SECRET_MODE);
}

/** Stores a key under a second name as well. @throws UserError when another key has that name. */
export function copyKey(name: string, copy: string, effects: Pick<Effects, "env">): void {
  const file = { ...readKeyFile(name, effects), name: copy };
  const path = keyPath(copy, effects);
  if (writeNewJson(path, file, SECRET_MODE)) return;
  if (readKeyFile(copy, effects).publicKey !== file.publicKey)
    throw new UserError(`There is a key "${copy}" already (${path}).`);
}

/** Renames a key, replacing the key that has the name. */
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

/** A secret that others can read is not secret, so nothing is signed with it. */
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

type Environment = Readonly<Record<string, string | undefined>>;

/** RADEMARK_CONFIG, else the XDG config folder's `rademark`; absolute. An empty variable counts as unset. */
export function configFolder(env: Environment): string {
  if (env.RADEMARK_CONFIG) return resolve(env.RADEMARK_CONFIG);
  const config = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config");
  return resolve(config, "rademark");
}

function keysFolder(env: Environment): string {
  return join(configFolder(env), "keys");
}

/** A key that can sign, as the rest of the harness holds it. */
export interface SigningKey {
  /** That of its file; known on this machine alone. */
  name: string;
  /** 64 hexadecimal digits, by which others know its holder. */
  publicKey: string;
  /** 32 bytes; never printed, never sent. */
  seed: Uint8Array;
  /** Published when the key is registered; null or absent: none. */
  displayName?: string | null;
}

const common = {
  name: z.string(),
  publicKey: PublicKey,
  /** The key's public name; registering publishes it. */
  displayName: z.string().nullable(),
};

const Hex = z.string().regex(/^(?:[0-9a-f]{2})+$/);

/** A seed protected by a passphrase: scrypt (RFC 7914) derives the key, AES-256-GCM (NIST SP 800-38D) encrypts it. */
const EncryptedSeed = z.strictObject({
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

/** NAME.json: a key pair, with its secret half in the clear or encrypted. */
export const KeyFile = z.union([
  z.strictObject({ ...common, seed: z.string().regex(/^[0-9a-f]{64}$/) }),
  z.strictObject({ ...common, encrypted: EncryptedSeed }),
]);

export type KeyFile = z.infer<typeof KeyFile>;

/** @param passphrase null: the seed is not encrypted, and only the file's mode protects it. */
async function lockKey(key: SigningKey, passphrase: string | null): Promise<KeyFile> {
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

type Asking = Pick<Effects, "env" | "askSecret">;

/** @throws UserError when nobody can be asked. */
export async function askPassphrase(name: string, effects: Asking): Promise<string> {
  const given =
    effects.env.RADEMARK_PASSPHRASE || (await effects.askSecret(`Passphrase of key ${name}: `));
  if (given) return given;
  throw new UserError(
    `key ${name} needs its passphrase: set RADEMARK_PASSPHRASE, or run this on a terminal.`,
  );
}

/** A new passphrase; a person types it twice. @throws UserError when the two differ. */
export async function choosePassphrase(name: string, effects: Asking): Promise<string> {
  const first = await askPassphrase(name, effects);
  if (effects.env.RADEMARK_PASSPHRASE) return first;
  if ((await effects.askSecret("The same again: ")) === first) return first;
  throw new UserError("The two passphrases differ; no key was made. Try again.");
}

/** For a process that signs nothing: neither it nor its children may know the passphrase. */
export function withoutPassphrase(env: Effects["env"]): Effects["env"] {
  const { RADEMARK_PASSPHRASE: _, ...rest } = env;
  return rest;
}

type EncryptedSeed = z.infer<typeof EncryptedSeed>;

/** 128 MiB and about 0.4 s, as OWASP's cheat sheet on password storage recommends for scrypt. */
const KDF = { name: "scrypt", cost: 2 ** 17, blockSize: 8, parallelization: 1 } as const;

const CIPHER = "aes-256-gcm";
const TAG_BYTES = 16;

/** @param publicKey bound to the ciphertext, so that it cannot be passed off as another's. */
async function encryptSeed(
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

/** Null for a wrong passphrase, and when anything was changed. */
async function decryptSeed(
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
