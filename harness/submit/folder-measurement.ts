/** @file The runs of an output folder with what they were made on: the part that results and reproductions share. */

import type { Problem } from "../../record/problem.ts";
import type { Run } from "../../record/run.ts";
import { type IssuedChallenge, freshSeeds } from "../../record/statement/challenge.ts";
import type { Measurement } from "../../record/statement/statements.ts";
import { unsubmittable } from "../../record/configuration.ts";
import { EXIT, UserError } from "../errors.ts";
import {
  type OutputFolder,
  changedFiles,
  isFinished,
  pendingSeeds,
  readRun,
} from "../sweep/output-folder.ts";
import { environmentFields } from "./environment-fields.ts";

/**
 * @param key public key of the signer, in hexadecimal.
 * @param challenge whose seeds were trained; null for panel runs alone.
 * @throws UserError for a folder that is unfinished, was changed, or cannot be on a board.
 */
export async function measureFolder(
  folder: OutputFolder,
  key: string,
  challenge: IssuedChallenge | null,
): Promise<Measurement> {
  const { path, configuration, protocol } = folder;
  const fresh = challenge === null ? [] : freshSeeds(challenge, protocol.freshSeeds);
  const seeds = [...protocol.panelSeeds, ...fresh];
  requireSubmittable(folder);
  requireTrained(folder, seeds);
  await requireUnchanged(path, seeds);
  const runOf = (seed: number): Run => readRun(folder, seed)!;
  return {
    key,
    protocol: configuration.protocolId,
    arch: configuration.arch,
    regs: configuration.regs,
    source: null,
    challenge: challenge?.id ?? null,
    panel: protocol.panelSeeds.map(runOf),
    fresh: fresh.map(runOf),
    ...environmentFields(path, configuration),
  };
}

/** @throws UserError saying why no server would list it. */
export function requireSubmittable({
  path,
  configuration,
}: Pick<OutputFolder, "path" | "configuration">): void {
  const reasons = unsubmittable(configuration);
  if (reasons.length > 0)
    throw new UserError(
      `${path} cannot be submitted: ${reasons.join("; ")}. Train it whole, on a published protocol and all of its ` +
        "panel seeds, into another folder: rademark run --challenge --out DIR",
    );
}

function requireTrained(folder: OutputFolder, seeds: readonly number[]): void {
  const { path, configuration } = folder;
  const foreign = seeds.filter((seed) => !configuration.seeds.includes(seed));
  if (foreign.length > 0)
    throw new UserError(
      `${path}/config.json lacks seeds ${foreign.join(", ")} of the challenge.`,
      EXIT.verification,
    );
  const pending = pendingSeeds(folder).filter((seed) => seeds.includes(seed));
  if (pending.length > 0 || !isFinished(folder))
    throw new UserError(
      `${path} is not finished (${pending.length} seeds to train). Go on with: rademark resume ${path}`,
    );
}

/** Only what goes into the statement is held against the manifest: saved features can be large. */
async function requireUnchanged(path: string, seeds: readonly number[]): Promise<void> {
  const finals = seeds.map((seed) => `seeds/${seed}/final.json`);
  const files = ["protocol.json", "config.json", "env.json", ...finals];
  const changed = await changedFiles(path, files);
  if (changed.length === 0) return;
  throw new UserError(
    [
      `${path} was changed after training; these files are not what manifest.json says:`,
      ...changed.map((file) => `  ${file}`),
      "Put the files back as they were, or train again into another --out.",
    ].join("\n"),
    EXIT.verification,
  );
}

const MEND =
  "Use the key and the challenge that it was trained with, or train again into another --out.";

/** @throws UserError listing what a server would refuse, with pointers into the statement. */
export function requireNone(problems: readonly Problem[], path: string): void {
  if (problems.length === 0) return;
  const shown = problems
    .slice(0, 8)
    .map(({ pointer, rule, found }) => `  ${pointer || "(top)"}: ${rule}, found ${found}`);
  const more = problems.length > 8 ? [`  and ${problems.length - 8} more`] : [];
  throw new UserError(
    [`${path} would be refused, so nothing was sent:`, ...shown, ...more, MEND].join("\n"),
    EXIT.verification,
  );
}
