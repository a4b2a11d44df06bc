/** @file `--dry-run` of `submit` and `repro`: the statement that would be sent, and where and under which name. */

import { PATIENCE, createClient } from "../listing/client.ts";
import { shownName } from "../listing/registration.ts";
import { sayWhatBecomesPublic } from "./deliveries.ts";
import { UserError } from "../errors.ts";
import { previewOf, statementToSend } from "../listing/submission.ts";
import type { NamedSigner } from "../listing/signer.ts";
import type { OutputFolder } from "../study/run-folder.ts";
import type { Effects } from "../effects.ts";

/** Sends nothing of the folder; asks the server only for the key's display name. */
export async function printPreview(
  folder: OutputFolder,
  signer: NamedSigner,
  { api, supersedes }: { api: string; supersedes: string | null },
  effects: Pick<Effects, "out" | "err">,
): Promise<void> {
  const sent = await statementToSend(folder, signer.publicKey, supersedes);
  const displayName = await nameAt(api, signer);
  const { json, about } = previewOf(sent, { api, displayName });
  effects.out(json);
  sayWhatBecomesPublic(folder, "submit", effects);
  effects.err(`${about.join("\n")}\n`);
}

/** Without a server to ask, this is the name that this machine would publish. */
async function nameAt(api: string, signer: NamedSigner): Promise<string | null> {
  const patience = { ...PATIENCE, tries: 1, timeoutMilliseconds: 5_000 };
  try {
    return await shownName(createClient({ api, patience }), signer);
  } catch (error) {
    if (error instanceof UserError) return signer.displayName;
    throw error;
  }
}
