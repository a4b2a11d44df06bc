/** @file `rademark export DIR --csv OUT`, `rademark export ID --out FILE`, `rademark export --protocol NAME --csv FILE` */

import { resolve } from "node:path";
import { namedProtocol, protocolId } from "../../../record/protocols.ts";
import { isShortId } from "../../../record/canonical-json.ts";
import type { Effects } from "../../effects.ts";
import { createClient } from "../../listing/client.ts";
import { fullId } from "../../listing/full-id.ts";
import { statementReference } from "../../listing/statement-reference.ts";
import { EXIT, UserError } from "../../errors.ts";
import { writeAtomic, writeJsonAtomic } from "../../files.ts";
import { downloadStatement } from "../../listing/statement-download.ts";
import { TABLE_FORMATS, exportTables } from "../../study/export-tables.ts";
import { apiArgument, commonArguments, defineCommand, flag, text } from "../command.ts";

const place = { placeholder: "OUT", read: text, fallback: null } as const;

export const command = defineCommand({
  meta: {
    details:
      "DIR is the output folder of a run or a sweep. Its finished runs become tables in the folder OUT: one row a\n" +
      "configuration, a run, a head, an epoch, a head and epoch, a refit place, a redraw. Every number is computed\n" +
      "from counts; docs/export.md explains each column.\n" +
      "ID names a result or any other statement in the log: a reproduction, a challenge, a retraction, an\n" +
      "operator's decision, a key's statement. The file holds the exact signed bytes, the challenge and the\n" +
      "log's proof, and rademark verify checks it without a network. It is written whether or not it would\n" +
      "pass: verifying is a separate step.",
    examples: [
      "rademark export runs/grid --csv tables",
      "rademark export runs/grid --parquet tables --force",
      "rademark export ID --out entry.json",
      "rademark export --protocol micro-1 --csv micro-1.csv",
    ],
  },
  args: {
    source: {
      summary: "an output folder; or the id or address of an entry or another statement",
      placeholder: "DIR|ID",
      positional: true,
      read: text,
      fallback: null,
    },
    csv: {
      ...place,
      summary: "write the tables into this folder, as CSV; or a board into this file",
    },
    jsonl: { ...place, summary: "write the tables as JSON Lines" },
    parquet: { ...place, summary: "write the tables as Parquet" },
    force: flag("replace the tables of an earlier export"),
    out: { ...place, placeholder: "FILE", summary: "write the statement here" },
    protocol: {
      summary: "protocol of the board",
      placeholder: "NAME",
      read: text,
      fallback: null,
    },
    api: apiArgument,
    ...commonArguments,
  },
  async run({ source, out, protocol, force, api, ...places }, effects) {
    const formats = TABLE_FORMATS.filter((format) => places[format] !== null);
    const [format] = formats;
    if (source !== null && out !== null && protocol === null && formats.length === 0)
      await exportStatement(source, { out, api }, effects);
    else if (source === null && out === null && protocol !== null && formats.join() === "csv")
      await exportBoard(protocol, { out: places.csv!, api }, effects);
    else if (source !== null && out === null && protocol === null && format && !formats[1]) {
      const folder = resolve(effects.cwd, source);
      const into = resolve(effects.cwd, places[format]!);
      const { files, notices } = await exportTables(folder, { format, out: into, replaces: force });
      for (const notice of notices) effects.err(`${notice}\n`);
      effects.out(files.map((file) => `${file}\n`).join(""));
    } else
      throw new UserError(
        "Give DIR and one of --csv, --jsonl or --parquet; or ID and --out FILE; or --protocol NAME and --csv FILE.",
      );
    return EXIT.ok;
  },
});

interface Destination {
  out: string;
  api: string;
}

/** @throws UserError for a text that names no statement. */
async function exportStatement(source: string, { out, api }: Destination, effects: Effects) {
  const reference = statementReference(source);
  const client = createClient({ api: reference.api ?? api });
  const id = await fullId(reference.id, client, null, effects);
  const path = resolve(effects.cwd, out);
  writeJsonAtomic(path, (await downloadStatement(client, id)).file);
  effects.out(`${path}\n`);
}

async function exportBoard(protocol: string, { out, api }: Destination, effects: Effects) {
  const address = `/v1/export/${encodeURIComponent(boardOf(protocol))}.csv`;
  const path = resolve(effects.cwd, out);
  writeAtomic(path, await createClient({ api }).getText(address));
  effects.out(`${path}\n`);
}

/** A server may have protocols that this version does not know. */
function boardOf(name: string): string {
  return isShortId(name.toLowerCase()) ? protocolId(namedProtocol(name)) : name;
}
