/** @file `rademark admin quarantine|unquarantine|note|erase-name ID --reason TEXT` */

import type { IdKind } from "../../../record/answers/ids-document.ts";
import { protocolId, protocols } from "../../../record/protocols.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { createClient, postStatement } from "../../listing/client.ts";
import { fullId } from "../../listing/full-id.ts";
import { type StatementReference, statementReference } from "../../listing/statement-reference.ts";
import { EXIT } from "../../errors.ts";
import { readKey } from "../../listing/key-store.ts";
import { publishedProtocol } from "../../listing/verification.ts";
import {
  apiArgument,
  commonArguments,
  defineCommand,
  jsonArgument,
  oneOf,
  text,
} from "../command.ts";
import { reasonText } from "../reason-text.ts";

const action = oneOf("quarantine", "unquarantine", "note", "erase-name");

const MODERATED: readonly IdKind[] = ["result", "reproduction", "protocol"];

const DONE = {
  quarantine:
    "is quarantined: an entry leaves the ranks and every view that does not ask for it, a reproduction no longer counts",
  unquarantine: "is back: an entry on its board, a reproduction in the count of its entry",
  note: "carries the note",
  "erase-name": "no longer has a display name",
} as const;

const DONE_TO_PROTOCOL = {
  ...DONE,
  quarantine: "is quarantined: nothing more is accepted for it, and what is listed stays",
  unquarantine: "is open again",
  note: "carries the note, in the log alone",
} as const;

export const command = defineCommand({
  meta: {
    details:
      "quarantine takes an entry out of the ranks and of every view that does not ask for it. A reproduction,\n" +
      "such as one with invented counts that disputes an entry, counts no more and is shown with your reason.\n" +
      "The source of an entry's custom code is withheld on every address meanwhile.\n" +
      "Quarantining a protocol, by its name or id, means that the server takes no more challenges, results or\n" +
      "reproductions for it (refused as unknown-protocol, with your reason); its entries stay listed, and open\n" +
      "challenges run until they expire. unquarantine undoes each. note adds a sentence to an entry's row, or\n" +
      "to what the entry's page says about a reproduction. erase-name removes a key's display name. Every\n" +
      "decision is signed, logged and public with its reason; nothing is deleted.\n" +
      "The server knows its operators by rademark serve --operator PUBLICKEY, or RADEMARK_OPERATORS.",
    examples: [
      'rademark admin quarantine ID --reason "counts of another entry" --key operator',
      'rademark admin quarantine micro-1 --reason "its data set was corrupted"',
      'rademark admin unquarantine ID --reason "explained by its signer"',
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
      summary:
        "an entry's id or address, a reproduction's id, a protocol's id or name; for erase-name, a public key",
      placeholder: "ID",
      positional: true,
      read: subjectOf,
    },
    reason: { summary: "why; public", placeholder: "TEXT", read: reasonText },
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
  async run({ action, subject: { id: given, api: named }, reason, key, api, json }, effects) {
    const client = createClient({ api: named ?? api });
    const kinds: readonly IdKind[] | null = action === "erase-name" ? ["public-key"] : MODERATED;
    const subject = await fullId(given, client, kinds, effects);
    const { publicKey, seed } = await readKey(key, effects);
    const at = new Date().toISOString();
    const moderation = { key: publicKey, action, subject, reason, at };
    const envelope = await sealEnvelope("moderation", moderation, [seed]);
    const { receipt } = await postStatement(client, "/v1/moderations", envelope);
    const done = publishedProtocol(subject) ? DONE_TO_PROTOCOL : DONE;
    effects.out(
      json
        ? `${JSON.stringify(receipt, null, 2)}\n`
        : `${subject} ${done[action]} (leaf ${receipt.index} of the log).\n`,
    );
    return EXIT.ok;
  },
});

function subjectOf(value: string): StatementReference {
  const named = Object.values(protocols).find(({ name }) => name === value);
  return named ? { id: protocolId(named), api: null } : statementReference(value);
}
