/** @file Tries one source after another until the canonical digests agree. */

import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { EXIT, UserError } from "../errors.ts";
import { canonicalDigest } from "./canonical-digest.ts";
import { type DatasetDescription, type Digests, SPLITS } from "./dataset.ts";
import { invalidFile } from "./invalid-file.ts";
import type { CanonicalSplits, Request, Source } from "./sources/source.ts";

/**
 * @param expected null where no digest is known yet.
 * @throws UserError with every source's reason when none is good; anything but a UserError from a source is a bug
 *   and passes through.
 */
export async function firstGood(
  sources: readonly Source[],
  request: Request,
  expected: Digests | null,
) {
  const failures: UserError[] = [];
  for (const source of sources) {
    try {
      const splits = await obtainAlone(source, request);
      const digests = requireDigests(request.dataset, splits, expected);
      return { splits, digests, source: source.name, failures };
    } catch (error) {
      request.signal.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
      failures.push(new UserError(`${source.name}: ${error.message}`, error.exitCode));
    }
  }
  throw nothingFetched(request.dataset, failures);
}

/** Gives the source a folder of its own and frees its disk space at once. */
async function obtainAlone(source: Source, request: Request): Promise<CanonicalSplits> {
  const folder = join(request.folder, "source");
  await mkdir(folder);
  try {
    return await source.obtain({ ...request, folder });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function requireDigests(
  dataset: DatasetDescription,
  splits: CanonicalSplits,
  expected: Digests | null,
): Digests {
  const found = { train: canonicalDigest(splits.train), test: canonicalDigest(splits.test) };
  for (const split of SPLITS) {
    if (!expected || found[split] === expected[split]) continue;
    const rule = `its images and labels must have the SHA-256 ${expected[split]}`;
    throw invalidFile(`${dataset.name} ${split}`, rule, found[split]);
  }
  return found;
}

function nothingFetched(dataset: DatasetDescription, failures: UserError[]): UserError {
  const wrong = failures.some(({ exitCode }) => exitCode === EXIT.verification);
  const lines = [
    `${dataset.name}: no source gave the data set; nothing was cached`,
    ...failures.map(({ message }) => `  ${message}`),
    `check the network (and the proxy settings), then run: rademark data get ${dataset.name}`,
  ];
  return new UserError(lines.join("\n"), wrong ? EXIT.verification : EXIT.network);
}
