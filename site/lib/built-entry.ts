/** @file An entry as the build knows it: two answers a page; runs and proof follow from what is known already. */

import type { EntryDocument, EntryRuns } from "../../record/documents/entry-document.ts";
import type { InclusionProof } from "../../record/log/log-proof.ts";
import { runMetrics } from "../../record/metrics.ts";
import { findProtocol } from "../../record/protocols.ts";
import type { Envelope } from "../../record/statement/envelope.ts";
import type { EntryModel } from "../view/entry/entry-model.ts";
import { buildApi, known } from "./build-api.ts";
import { builtLog, proofIn } from "./built-log.ts";
import { resultIn } from "./result-in.ts";

/** @throws Error when the server lists it and does not have it. */
export async function builtEntry(id: string): Promise<EntryModel> {
  const [entry, envelope, log] = await Promise.all([
    known(buildApi.entry(id)),
    known(buildApi.envelope(id)),
    builtLog(),
  ]);
  if (entry === null) throw new Error(`entry ${id}: on a board, but the server does not have it`);
  const place = { digest: id, index: entry.receipt.index };
  const proof: InclusionProof | null =
    (log && proofIn(log, place)) ?? (await known(buildApi.proof(id)));
  return { entry, runs: envelope && runsIn(envelope, entry), envelope, proof };
}

/** As the server answers them: what the envelope holds, and what is computed from it. */
export function runsIn(envelope: Envelope, { protocol }: Pick<EntryDocument, "protocol">) {
  const { panel, fresh } = resultIn(envelope);
  const known = findProtocol(protocol.id);
  const metrics = [...panel, ...fresh].map((run) => runMetrics(run, known));
  return { panel, fresh, metrics } satisfies EntryRuns;
}
