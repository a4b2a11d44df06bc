/** @file `rademark keys create|list|export|register|name|rotate|revoke` */

import { resolve } from "node:path";
import { displayNameProblems } from "../../../record/statement/display-name.ts";
import { type Client, createClient } from "../../listing/client.ts";
import { EXIT, UserError } from "../../errors.ts";
import {
  apiArgument,
  commonArguments,
  defineCommand,
  flag,
  jsonArgument,
  oneOf,
  text,
} from "../command.ts";
import { reasonText } from "../reason-text.ts";
import { printable } from "../../printable.ts";
import { ensureRegistered, postKey, setDisplayName } from "../../listing/registration.ts";
import { writeNewJson } from "../../files.ts";
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
} from "../../listing/key-store.ts";
import { rotateKey } from "../../listing/key-rotation.ts";
import type { Effects } from "../../effects.ts";
import { formatTable } from "../../terminal-table.ts";

const KEY_ACTIONS = {
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
      throw new UserError(`${path} already exists; it is not overwritten.`);
    const text = `Key ${name} with its secret half is in ${path}. Anybody who has that file can sign for you.\n`;
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
        `${client.api} answered, but did not confirm that key ${name} is revoked from ${wanted} on. See: rademark status`,
        EXIT.verification,
      );
    const text = `Nothing that key ${name} signed from ${revokedFrom} on counts any more.\n`;
    return { text, json: answer };
  },
} satisfies Record<string, KeyAction>;

const KEY_ACTION_NAMES = Object.keys(KEY_ACTIONS) as KeyActionName[];

const action = oneOf(...KEY_ACTION_NAMES);

export const command = defineCommand({
  meta: {
    details:
      "A key is a file that only you can read, in ~/.config/rademark/keys (RADEMARK_CONFIG moves it). With\n" +
      "--passphrase it is encrypted; whenever it signs, the passphrase comes from RADEMARK_PASSPHRASE or you.\n" +
      "register, name, rotate and revoke tell the server (--api); submit registers by itself. rotate makes\n" +
      "a new key, signed by both, that replaces the old one. Nothing that a revoked key signs from --from on\n" +
      "counts. export prints the public half; its --secret FILE writes a copy of the key file. Display names\n" +
      "are never signed and can be erased. Exit code 3 when the server refuses.",
    examples: [
      'rademark keys create --display-name "Ada L."',
      "rademark keys create work --passphrase",
      "rademark keys list",
      "rademark keys export default --secret backup.json",
      'rademark keys revoke default --from 2026-11-01 --reason "the laptop was stolen"',
      'rademark keys name default --display-name "Ada Lovelace"',
      "rademark keys name default --erase",
      "rademark keys rotate default",
    ],
  },
  args: {
    action: {
      summary: KEY_ACTION_NAMES.join(", "),
      placeholder: "ACTION",
      positional: true,
      read: action,
    },
    key: {
      summary: "name of the key",
      placeholder: "NAME",
      positional: true,
      read: text,
      fallback: null,
    },
    name: {
      summary: "the same, as an option",
      placeholder: "NAME",
      read: text,
      fallback: "default",
    },
    displayName: {
      summary: "what the board shows beside your results",
      placeholder: "TEXT",
      read: displayName,
      fallback: null,
    },
    erase: flag("remove the display name"),
    passphrase: {
      summary: "encrypt the new key",
      placeholder: null,
      read: isWanted,
      variable: null,
      fallback: false,
    },
    secret: {
      summary: "write the key file's copy here",
      placeholder: "FILE",
      read: text,
      fallback: null,
    },
    from: {
      summary: "time from which its signatures do not count (default: now)",
      placeholder: "DATE",
      read: moment,
      fallback: null,
    },
    reason: {
      summary: "why it is revoked; public",
      placeholder: "TEXT",
      read: reasonText,
      fallback: null,
    },
    api: apiArgument,
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ action, key, api, json, ...choice }, effects) {
    if (key !== null && choice.name !== "default" && choice.name !== key)
      throw new UserError(`which key is meant: ${key} or ${choice.name}?`);
    const named = { ...choice, name: key ?? choice.name };
    const report = await KEY_ACTIONS[action](named, effects, createClient({ api }));
    effects.out(json ? `${JSON.stringify(report.json, null, 2)}\n` : report.text);
    return EXIT.ok;
  },
});

/** RADEMARK_PASSPHRASE is the passphrase itself, and turns on encryption; a passphrase given here by mistake is not shown. */
function isWanted(value: string): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw new UserError("is true or false; the passphrase itself is RADEMARK_PASSPHRASE");
}

/** By the rules of servers, so that a bad name is not found out only when a result is submitted. */
function displayName(value: string): string {
  const name = value.normalize("NFC");
  const rules = displayNameProblems(name).map(({ rule }) => rule);
  if (rules.length === 0) return name;
  throw new UserError(`a display name has ${rules.join("; ")}`);
}

/** What `rademark keys` does, action by action. None of it prints a secret. */
interface KeyChoice {
  name: string;
  displayName: string | null;
  passphrase: boolean;
  secret: string | null;
  from: string | null;
  reason: string | null;
  erase: boolean;
}

/** What an action prints: as text, and as a JSON document. */
interface KeyReport {
  text: string;
  json: unknown;
}

type KeyAction = (
  choice: KeyChoice,
  effects: Effects,
  client: Client,
) => Promise<KeyReport> | KeyReport;

type KeyActionName = keyof typeof KEY_ACTIONS;

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

/** `2026-11-24`, midnight UTC, or `2026-11-24T10:00:00Z`; as ISO 8601 in UTC. */
function moment(text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/.test(text);
  const time = isDate ? new Date(text) : null;
  // JavaScript turns 31 February into 3 March.
  if (time && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10)))
    return time.toISOString();
  throw new UserError(`"${text}" is not a date such as 2026-11-24 or 2026-11-24T10:00:00Z`);
}
