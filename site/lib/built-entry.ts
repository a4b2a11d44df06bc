/** @file An entry as the build knows it. */

import type { EntryModel } from "../view/entry/entry-model.ts";
import { buildApi, known } from "./build-api.ts";

/** @throws Error when the server lists it and does not have it. */
export async function builtEntry(id: string): Promise<EntryModel> {
  const [entry, runs, envelope, proof] = await Promise.all([
    known(buildApi.entry(id)),
    known(buildApi.runs(id)),
    known(buildApi.envelope(id)),
    known(buildApi.proof(id)),
  ]);
  if (entry === null) throw new Error(`entry ${id}: on a board, but the server does not have it`);
  return { entry, runs, envelope, proof };
}
