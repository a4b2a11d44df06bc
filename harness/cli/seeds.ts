/** @file The syntax of `--seeds`: `panel`, `panel+3`, `1,2`, `1-8`, and mixtures with commas. */

import { UserError } from "../errors.ts";

const MOST_SEEDS = 10_000;

/** Waits for the panel: only the protocol knows it. */
export type SeedList = (panel: readonly number[]) => number[];

/**
 * Reads a list of seeds. `panel+K` is the panel and the K smallest seeds from 1 that are not in it.
 *
 * @throws UserError naming the part that is not understood.
 */
export function parseSeeds(text: string): SeedList {
  const parts = text.split(",").map((part) => parsePart(part.trim()));
  return (panel) => [...new Set(parts.flatMap((part) => part(panel)))];
}

function parsePart(part: string): SeedList {
  const panel = /^panel(?:\+(\d{1,4}))?$/.exec(part);
  if (panel) return (seeds) => [...seeds, ...smallestOutside(seeds, Number(panel[1] ?? 0))];
  const range = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part);
  if (!range) throw wrongPart(part);
  const first = Number(range[1]);
  const last = Number(range[2] ?? range[1]);
  if (last < first || last - first >= MOST_SEEDS) throw wrongPart(part);
  return () => Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function wrongPart(part: string): UserError {
  if (/^\d+(-\d+)?$/.test(part) && /\d{16}/.test(part))
    return new UserError(`"${part}": a seed has at most 15 digits`);
  return new UserError(
    `"${part}" is not a list of seeds; allowed: panel, panel+3, 1,2 or 1-8 (at most ${MOST_SEEDS})`,
  );
}

function smallestOutside(panel: readonly number[], count: number): number[] {
  const seeds: number[] = [];
  for (let seed = 1; seeds.length < count; seed++) if (!panel.includes(seed)) seeds.push(seed);
  return seeds;
}
