/** @file An entry with everything that it takes to check it, fetched into one file. */

import { EntryDocument } from "../../record/documents/entry-document.ts";
import type { EntryFile } from "../../record/entry-file.ts";
import { InclusionProof } from "../../record/log/log-proof.ts";
import { Envelope } from "../../record/statement/envelope.ts";
import type { Client } from "../client/client.ts";

export interface EntryDownload {
  file: EntryFile;
  /** What the server says of it; none of it is believed unseen. */
  document: EntryDocument;
}

/** @param id of a result. */
export async function downloadEntry(client: Client, id: string): Promise<EntryDownload> {
  const path = `/v1/entries/${id}`;
  const [document, envelope, proof, verifierKey] = await Promise.all([
    client.get(path, EntryDocument),
    client.get(`${path}/envelope`, Envelope),
    client.get(`${path}/proof`, InclusionProof),
    client.getText("/v1/log/key"),
  ]);
  const { challenge } = document;
  const common = { rademark: "entry", version: 1, consistency: null } as const;
  return {
    file: { ...common, envelope, challenge, proof, verifierKey: verifierKey.trim() },
    document,
  };
}
