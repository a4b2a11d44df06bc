/** @file What `rademark keys` does, action by action. Nothing here prints a secret. */

import { resolve } from "node:path";
import type { Client } from "../client/client.ts";
import { printable } from "../client/printable.ts";
import { ensureRegistered, postKey, setDisplayName } from "../client/registration.ts";
import { EXIT, UserError } from "../errors.ts";
import { writeNewJson } from "../files.ts";
import {
  type KeyFile,
  SECRET_MODE,
  choosePassphrase,
  createKey,
  hasKey,
  keyPath,
  listKeys,
  readKey,
  readKeyFile,
  rewriteKeyFile,
} from "../keys/key-store.ts";
import { rotateKey } from "../keys/key-rotation.ts";
import type { Effects } from "./effects.ts";
import { formatTable } from "./table.ts";

export interface KeyWish {
  name: string;
  displayName: string | null;
  passphrase: boolean;
  secret: string | null;
  from: string | null;
  reason: string | null;
  erase: boolean;
}

/** What an action has to say: as text, and as a JSON document. */
export interface KeyReport {
  text: string;
  json: unknown;
}

type KeyAction = (
  wish: KeyWish,
  effects: Effects,
  client: Client,
) => Promise<KeyReport> | KeyReport;

export const KEY_ACTIONS = {
  async create({ name, displayName, passphrase }, effects) {
    if (hasKey(name, effects))
      throw new UserError(`There is a key "${name}" already (${keyPath(name, effects)}).`);
    const isGuarded = passphrase || Boolean(effects.env.RADEMARK_PASSPHRASE);
    const chosen = isGuarded ? await choosePassphrase(name, effects) : null;
    const { publicKey } = await createKey({ name, displayName, passphrase: chosen }, effects);
    const path = keyPath(name, effects);
    const text = `Key ${name}: ${publicKey}\nIts secret half is in ${path}: keep a copy, and show it to nobody.\n`;
    return { text, json: { name, publicKey, path, encrypted: isGuarded } };
  },

  list(_, effects) {
    const keys = listKeys(effects).map(publicPart);
    const text =
      keys.length === 0 ? "No keys yet. Make one: rademark keys create\n" : tableOf(keys);
    return { text, json: { keys } };
  },

  export({ name, secret }, effects) {
    const file = readKeyFile(name, effects);
    const part = publicPart(file);
    if (secret === null) return { text: `${part.publicKey}\n`, json: part };
    const path = resolve(effects.cwd, secret);
    if (!writeNewJson(path, file, SECRET_MODE))
      throw new UserError(`${path} is there already; it is not overwritten.`);
    const text = `Key ${name} with its secret half is in ${path}. Who has that file can sign for you.\n`;
    return { text, json: { ...part, secret: path } };
  },

  async register({ name }, effects, client) {
    const known = await ensureRegistered(client, await readKey(name, effects));
    const text = `${client.api} knows key ${name} since ${known.registeredAt}.\n`;
    return { text, json: known };
  },

  async name({ name, displayName, erase }, effects, client) {
    if (erase === (displayName !== null))
      throw new UserError("Give either --display-name TEXT or --erase.");
    const key = await readKey(name, effects);
    await ensureRegistered(client, { ...key, displayName: null });
    const known = await setDisplayName(client, key, displayName);
    rewriteKeyFile({ ...readKeyFile(name, effects), displayName }, effects);
    const text = erase
      ? "The display name is erased.\n"
      : `Key ${name} is shown as ${printable(known.name ?? "nothing")}.\n`;
    return { text, json: known };
  },

  async rotate({ name }, effects, client) {
    const rotated = await rotateKey(name, client, effects);
    const text = `Key ${name} is now ${rotated.publicKey}; the old one is kept${rotated.retired ? ` as ${rotated.retired}` : ""}.\n`;
    return { text, json: { name, ...rotated } };
  },

  async revoke({ name, from, reason }, effects, client) {
    if (reason === null) throw new UserError("--reason TEXT is missing: it is shown in public");
    const { publicKey, seed } = await readKey(name, effects);
    const at = new Date().toISOString();
    const wanted = from ?? at;
    const statement = { action: "revoke", key: publicKey, from: wanted, reason, at } as const;
    const answer = await postKey(client, statement, [seed]);
    const { key, revokedFrom } = answer.key;
    if (key !== publicKey || revokedFrom === null || revokedFrom > wanted)
      throw new UserError(
        `${client.api} answered, but not that key ${name} is revoked from ${wanted}. See: rademark status`,
        EXIT.verification,
      );
    const text = `Nothing that key ${name} signed from ${revokedFrom} on counts any more.\n`;
    return { text, json: answer };
  },
} satisfies Record<string, KeyAction>;

export type KeyActionName = keyof typeof KEY_ACTIONS;
export const KEY_ACTION_NAMES = Object.keys(KEY_ACTIONS) as KeyActionName[];

function publicPart(file: KeyFile) {
  const { name, publicKey, displayName } = file;
  return { name, publicKey, displayName, encrypted: "encrypted" in file };
}

function tableOf(keys: ReturnType<typeof publicPart>[]): string {
  return formatTable(
    ["key", "public key", "passphrase", "display name"].map((title) => ({ title, align: "left" })),
    keys.map(({ name, publicKey, encrypted, displayName }) => [
      name,
      publicKey,
      encrypted ? "yes" : "no",
      displayName ?? "-",
    ]),
  );
}
