/** @file `rademark retract ID --reason TEXT` */

import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { createClient, postStatement } from "../../listing/client.ts";
import { RETRACTABLE, fullId } from "../../listing/full-id.ts";
import { statementReference } from "../../listing/statement-reference.ts";
import { EXIT } from "../../errors.ts";
import { DEFAULT_KEY, signerNamed } from "../../listing/signer.ts";
import { apiArgument, commonArguments, defineCommand, text } from "../command.ts";
import { reasonText } from "../reason-text.ts";

export const command = defineCommand({
  meta: {
    details:
      "The statement stays visible, with your reason. An open challenge (rademark status lists yours) then\n" +
      "counts as failed for that reason, and you can take another. A retraction cannot be taken back.",
    examples: [
      'rademark retract ID --reason "trained on the wrong data"',
      'rademark retract CHALLENGE --reason "the machine is gone" --key work',
    ],
  },
  args: {
    id: {
      summary: "id or address of the entry, reproduction or challenge",
      placeholder: "ID",
      positional: true,
      read: statementReference,
    },
    reason: { summary: "why; public", placeholder: "TEXT", read: reasonText },
    key: {
      summary: "name of the key that signed it, or of the key that replaced that one",
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
