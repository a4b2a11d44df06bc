/** @file `rademark admin quarantine|unquarantine|note|erase-name ID --reason TEXT` */

import { Receipt } from "../../../record/log/log-entry.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { apiArgument } from "../../client/api-address.ts";
import { createClient } from "../../client/client.ts";
import { EXIT, UserError } from "../../errors.ts";
import { readKey } from "../../keys/key-store.ts";
import { defineCommand } from "../command.ts";
import { commonArguments, jsonArgument } from "../common-arguments.ts";
import { reasonText } from "../reason-text.ts";
import { oneOf, text } from "../values.ts";

const action = oneOf("quarantine", "unquarantine", "note", "erase-name");

const DONE = {
  quarantine: "is quarantined: out of ranks and of views that do not ask for it",
  unquarantine: "is back on the board",
  note: "bears the note",
  "erase-name": "has no display name any more",
} as const;

export const admin = defineCommand({
  meta: {
    summary: "moderate a server that lists your key as an operator's",
    details:
      "Every decision is signed, logged and public with its reason. Nothing is deleted: erase-name removes a\n" +
      "display name, and digests stay. The server knows its operators from RADEMARK_OPERATORS.",
    examples: [
      'rademark admin quarantine ID --reason "counts of another entry" --key operator',
      'rademark admin erase-name PUBLICKEY --reason "asked for by its holder" --key operator',
    ],
  },
  args: {
    action: {
      summary: "quarantine, unquarantine, note or erase-name",
      placeholder: "ACTION",
      positional: true,
      read: action,
    },
    subject: {
      summary: "entry's id; for erase-name, a public key",
      placeholder: "ID",
      positional: true,
      read: digest,
    },
    reason: { summary: "public", placeholder: "TEXT", read: reasonText },
    key: {
      summary: "name of the operator's key",
      placeholder: "NAME",
      read: text,
      fallback: "operator",
    },
    api: apiArgument,
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ action, subject, reason, key, api, json }, effects) {
    const { publicKey, seed } = await readKey(key, effects);
    const at = new Date().toISOString();
    const moderation = { key: publicKey, action, subject, reason, at };
    const envelope = await sealEnvelope("moderation", moderation, [seed]);
    const { answer } = await createClient({ api }).post("/v1/moderations", envelope, Receipt);
    effects.out(
      json
        ? `${JSON.stringify(answer, null, 2)}\n`
        : `${subject} ${DONE[action]} (leaf ${answer.index} of the log).\n`,
    );
    return EXIT.ok;
  },
});

function digest(value: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return value;
  throw new UserError(`"${value}" is not 64 hexadecimal digits`);
}
