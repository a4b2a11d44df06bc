/** @file `rademark sign DIR --out FILE` */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createClient } from "../../listing/client.ts";
import { ENTRY, fullId } from "../../listing/full-id.ts";
import { EXIT, UserError } from "../../errors.ts";
import { writeNewJson } from "../../files.ts";
import { signerOf } from "../../listing/signer.ts";
import { keptSubmission, requireListable } from "../../listing/submission.ts";
import { sayWhatBecomesPublic } from "../deliveries.ts";
import { withFolder } from "../../train/run-lock.ts";
import { openFolder } from "../../study/run-folder.ts";
import {
  apiArgument,
  commonArguments,
  defineCommand,
  jsonArgument,
  keyArgument,
  outputFolderArgument,
  supersedesArgument,
  text,
} from "../command.ts";

export const command = defineCommand({
  meta: {
    details:
      "Writes the envelope that rademark submit would send: the runs' counts, the machine, the signature.\n" +
      "The folder keeps the same envelope, so that submitting later sends these bytes. First it is checked by\n" +
      "those of the server's rules that need no database.",
    examples: ["rademark sign runs/b --out result.json", "rademark verify result.json"],
  },
  args: {
    folder: { ...outputFolderArgument, summary: "output folder of a run" },
    key: keyArgument,
    supersedes: supersedesArgument,
    api: {
      ...apiArgument,
      summary: "address of the server, which completes the first digits of an ID",
    },
    out: { summary: "where the envelope goes", placeholder: "FILE", read: text },
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ folder, key, supersedes, api, out, json }, effects) {
    const path = resolve(effects.cwd, folder);
    const file = resolve(effects.cwd, out);
    if (existsSync(file)) throw taken(file);
    const opened = openFolder(path);
    requireListable(opened);
    const signer = signerOf(path, key, effects);
    const client = createClient({ api });
    const replaced = supersedes && (await fullId(supersedes.id, client, ENTRY, effects));
    const waits = { onWait: (line: string) => effects.err(`${line}\n`) };
    sayWhatBecomesPublic(opened, "sign", effects);
    const { kind, id, envelope } = await withFolder(path, waits, () =>
      keptSubmission(opened, signer, replaced),
    );
    if (!writeNewJson(file, envelope)) throw taken(file);
    const document = { kind, id, key: signer.publicKey, file };
    effects.out(
      json
        ? `${JSON.stringify(document, null, 2)}\n`
        : `${kind} ${id}, signed by ${signer.publicKey}, is in ${file}\n`,
    );
    return EXIT.ok;
  },
});

function taken(file: string): UserError {
  return new UserError(`${file} already exists; choose another --out.`);
}
