/** @file All that an entry's page shows. */

import type { EntryDocument, EntryRuns } from "../../record/answers/documents.ts";
import type { InclusionProof } from "../../record/log/log-proof.ts";
import type { Envelope } from "../../record/statement/envelope.ts";

/** Where an entry's page stands and what it asks for lies: at the root, or where the reference is kept. */
export type EntryHome = "" | "/reference";

export interface EntryModel {
  entry: EntryDocument;
  /** Null where only the entry itself could be fetched; so the others. */
  runs: EntryRuns | null;
  /** Null also where the browser draws the page: it holds the runs a second time, so it is fetched for code alone. */
  envelope: Envelope | null;
  proof: InclusionProof | null;
  home: EntryHome;
}
