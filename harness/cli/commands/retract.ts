/** @file `rademark retract ID --reason TEXT` */

import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { createClient, postStatement } from "../../listing/client.ts";
import { RETRACTABLE, fullId } from "../../listing/full-id.ts";
import { statementReference } from "../../listing/statement-reference.ts";
import { EXIT } from "../../errors.ts";
import { DEFAULT_KEY, signerNamed } from "../../listing/signer.ts";
import { apiArgument, commonArguments, defineCommand, text } from "../command.ts";
import { reasonText } from "../reason-text.ts";

export const retract = defineCommand({
  meta: {
    summary: "take back a result, a reproduction or a challenge of yours",
    details:
      "It stays visible, with your reason. An open challenge (rademark status lists yours) then counts as\n" +
      "failed for that reason, and another one can be taken. A retraction cannot be taken back.",
    examples: [
      'rademark retract ID --reason "trained on the wrong data"',
      'rademark retract CHALLENGE --reason "the machine is gone" --key work',
    ],
  },
  args: {
    id: {
      summary: "id of the entry, reproduction or challenge; or the address of it",
      placeholder: "ID",
      positional: true,
      read: statementReference,
    },
    reason: { summary: "why; public", placeholder: "TEXT", read: reasonText },
    key: {
      summary: "name of the key that signed it, or of the one that replaced that",
      placeholder: "NAME",
      read: text,
      fallback: DEFAULT_KEY,
    },
    api: apiArgument,
    ...commonArguments,
  },
  async run({ id: { id: given, api: named }, reason, key, api }, effects) {
    const client = createClient({ api: named ?? api });
    const id = await fullId(given, client, RETRACTABLE, effects);
    const signer = await signerNamed(key, effects).unlock();
    const statement = { key: signer.publicKey, statement: id, reason };
    const envelope = await sealEnvelope("retraction", statement, [signer.seed]);
    const { before } = await postStatement(client, "/v1/retractions", envelope);
    effects.out(`${before ? "Already retracted" : "Retracted"}: ${id}\n`);
    return EXIT.ok;
  },
});
