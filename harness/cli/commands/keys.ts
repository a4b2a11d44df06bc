/** @file `rademark keys create|list|export|register|name|rotate|revoke` */

import { displayNameProblems } from "../../../record/statement/display-name.ts";
import { createClient } from "../../client/client.ts";
import { EXIT, UserError } from "../../errors.ts";
import { defineCommand } from "../command.ts";
import { apiArgument, commonArguments, flag, jsonArgument } from "../common-arguments.ts";
import { KEY_ACTION_NAMES, KEY_ACTIONS } from "../key-actions.ts";
import { moment } from "../moment.ts";
import { reasonText } from "../reason-text.ts";
import { oneOf, text } from "../values.ts";

const action = oneOf(...KEY_ACTION_NAMES);

export const keys = defineCommand({
  meta: {
    summary: "make and look after the keys that sign your results",
    details:
      "A key is a file that only you can read, in ~/.config/rademark/keys (RADEMARK_CONFIG moves it). With\n" +
      "--passphrase it is encrypted, and RADEMARK_PASSPHRASE or the terminal is asked whenever it signs.\n" +
      "register, name, rotate and revoke tell the server (--api); submit registers by itself. rotate makes a\n" +
      "new key that takes the old one's place, signed by both. Nothing that a revoked key signs from --from on\n" +
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
      summary: "since when signatures do not count (default: now)",
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
  async run({ action, key, api, json, ...wish }, effects) {
    if (key !== null && wish.name !== "default" && wish.name !== key)
      throw new UserError(`which key is meant: ${key} or ${wish.name}?`);
    const named = { ...wish, name: key ?? wish.name };
    const report = await KEY_ACTIONS[action](named, effects, createClient({ api }));
    effects.out(json ? `${JSON.stringify(report.json, null, 2)}\n` : report.text);
    return EXIT.ok;
  },
});

/** RADEMARK_PASSPHRASE is the passphrase itself, and asks for encryption too; what is given here by mistake is not shown. */
function isWanted(value: string): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw new UserError("is true or false; the passphrase itself is RADEMARK_PASSPHRASE");
}

/** By the rules of servers: a name that none would take is not to be found out when a result is submitted. */
function displayName(value: string): string {
  const name = value.normalize("NFC");
  const rules = displayNameProblems(name).map(({ rule }) => rule);
  if (rules.length === 0) return name;
  throw new UserError(`a display name has ${rules.join("; ")}`);
}
