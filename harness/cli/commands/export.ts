/** @file `rademark export ID --out FILE`, `rademark export --protocol NAME --csv FILE` */

import { resolve } from "node:path";
import { namedProtocol, protocolId } from "../../../record/protocols.ts";
import { isShortId } from "../../../record/canonical-json.ts";
import { createClient } from "../../listing/client.ts";
import { fullId } from "../../listing/full-id.ts";
import { statementReference } from "../../listing/statement-reference.ts";
import { EXIT, UserError } from "../../errors.ts";
import { writeAtomic, writeJsonAtomic } from "../../files.ts";
import { downloadStatement } from "../../listing/statement-download.ts";
import { apiArgument, commonArguments, defineCommand, text } from "../command.ts";

const file = { placeholder: "FILE", read: text, fallback: null } as const;

export const command = defineCommand({
  meta: {
    details:
      "ID names a result or any other statement in the log: a reproduction, a challenge, a retraction, an\n" +
      "operator's decision, a key's statement. The file holds the exact signed bytes, the challenge and the\n" +
      "log's proof, and rademark verify checks it without a network. It is written whether or not it would\n" +
      "pass: verifying is a separate step.",
    examples: [
      "rademark export ID --out entry.json",
      "rademark export --protocol micro-1 --csv micro-1.csv",
    ],
  },
  args: {
    id: {
      summary: "id or address of an entry or another statement",
      placeholder: "ID",
      positional: true,
      read: statementReference,
      fallback: null,
    },
    out: { ...file, summary: "write the statement here" },
    protocol: {
      summary: "protocol of the board",
      placeholder: "NAME",
      read: text,
      fallback: null,
    },
    csv: { ...file, summary: "write the board here" },
    api: apiArgument,
    ...commonArguments,
  },
  async run({ id, out, protocol, csv, api }, effects) {
    const client = createClient({ api: id?.api ?? api });
    if (id !== null && out !== null && csv === null) {
      const { file } = await downloadStatement(client, await fullId(id.id, client, null, effects));
      writeJsonAtomic(resolve(effects.cwd, out), file);
    } else if (id === null && protocol !== null && csv !== null) {
      const path = `/v1/export/${encodeURIComponent(boardOf(protocol))}.csv`;
      writeAtomic(resolve(effects.cwd, csv), await client.getText(path));
    } else throw new UserError("Give either ID and --out FILE, or --protocol NAME and --csv FILE.");
    effects.out(`${resolve(effects.cwd, (out ?? csv)!)}\n`);
    return EXIT.ok;
  },
});

/** A server may have protocols that this version does not know. */
function boardOf(name: string): string {
  return isShortId(name.toLowerCase()) ? protocolId(namedProtocol(name)) : name;
}
