/** @file From an output folder to the reproduction statement of another key's entry. */

import type { ChallengeDocument } from "../../record/documents/entry-document.ts";
import {
  type ReproducedNumbers,
  reproducedNumbers,
  reproductionProblems,
  reproductionVerdict,
} from "../../record/statement/result-problems.ts";
import type { Reproduction, Result } from "../../record/statement/statements.ts";
import type { OutputFolder } from "../sweep/output-folder.ts";
import { measureFolder, requireNone } from "./folder-measurement.ts";
import { issuedChallenge } from "./result-statement.ts";

export interface ReproductionOptions {
  key: string;
  challenge: ChallengeDocument;
  entry: { id: string; result: Result };
}

/** @throws UserError as `resultFromFolder` does. */
export async function reproductionFromFolder(
  folder: OutputFolder,
  { key, challenge, entry }: ReproductionOptions,
): Promise<{ reproduction: Reproduction; numbers: ReproducedNumbers[] }> {
  const issued = issuedChallenge(challenge);
  const measurement = await measureFolder(folder, key, issued);
  const { protocol } = folder;
  const verdict = reproductionVerdict(entry.result, measurement, protocol);
  const reproduction = { ...measurement, entry: entry.id, verdict };
  requireNone(reproductionProblems(reproduction, entry, protocol, issued), folder.path);
  return { reproduction, numbers: reproducedNumbers(entry.result, measurement, protocol) };
}
