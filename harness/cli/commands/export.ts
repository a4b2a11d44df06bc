/** @file `rademark export ID --out FILE`, `rademark export --protocol NAME --csv FILE` */

import { resolve } from "node:path";
import { apiArgument } from "../../client/api-address.ts";
import { createClient } from "../../client/client.ts";
import { EXIT, UserError } from "../../errors.ts";
import { writeAtomic, writeJsonAtomic } from "../../files.ts";
import { downloadEntry } from "../../verify/entry-download.ts";
import { defineCommand } from "../command.ts";
import { commonArguments } from "../common-arguments.ts";
import { text } from "../values.ts";

const file = { placeholder: "FILE", read: text, fallback: null } as const;

export const exportCommand = defineCommand({
  meta: {
    summary: "save an entry with all its evidence, or a board as CSV",
    details:
      "The file of an entry holds its exact signed bytes, its challenge and the log's proof: rademark verify\n" +
      "checks it without a network. It is written whatever it holds; verifying is a step of its own.",
    examples: [
      "rademark export ID --out entry.json",
      "rademark export --protocol micro-1 --csv micro-1.csv",
    ],
  },
  args: {
    id: {
      summary: "entry's id",
      placeholder: "ID",
      positional: true,
      read: text,
      fallback: null,
    },
    out: { ...file, summary: "write the entry here" },
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
    const client = createClient({ api });
    if (id !== null && out !== null && csv === null) {
      const { file } = await downloadEntry(client, id);
      writeJsonAtomic(resolve(effects.cwd, out), file);
    } else if (id === null && protocol !== null && csv !== null) {
      const path = `/v1/export/${encodeURIComponent(protocol)}.csv`;
      writeAtomic(resolve(effects.cwd, csv), await client.getText(path));
    } else throw new UserError("Give either ID and --out FILE, or --protocol NAME and --csv FILE.");
    effects.out(`${resolve(effects.cwd, (out ?? csv)!)}\n`);
    return EXIT.ok;
  },
});
