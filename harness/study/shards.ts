/** @file Divides a sweep among machines: which of its configurations belong to part i of n. */

import { UserError } from "../errors.ts";
import { type PlannedRun } from "./run-folder.ts";
import { type Whole, folderName } from "./sweep-folder.ts";

/** Part `index` of `of`, counted from 1. */
export interface Shard {
  index: number;
  of: number;
}

/** More machines than any sweep has configurations. */
const MOST_SHARDS = 1_000_000;

/** Reads `2/8`. @throws UserError saying what is allowed. */
export function readShard(text: string): Shard {
  const [, index, of] = /^(\d{1,7})\/(\d{1,7})$/.exec(text.trim())?.map(Number) ?? [];
  const isWithin = index! >= 1 && index! <= of! && of! <= MOST_SHARDS;
  if (isWithin) return { index: index!, of: of! };
  throw new UserError(
    `"${text}" is not a part of a sweep: I/N is part I of N, from 1/N to N/N, such as 2/8`,
  );
}

export const shardText = ({ index, of }: Shard): string => `${index}/${of}`;

/**
 * Item k of a list, from 0, belongs to shard k mod n + 1: every item to one shard, and neighbours, which take about the same
 * time in a grid that goes by architecture, to different ones. Shards beyond the number of items have none.
 */
export function itemsOf<T>(items: readonly T[], { index, of }: Shard): T[] {
  return items.filter((_, k) => k % of === index - 1);
}

/** The shard that item k of a list belongs to. */
export function shardAt(k: number, of: number): Shard {
  return { index: (k % of) + 1, of };
}

/** The whole that the planned runs of a shard are taken from. */
export function wholeSweep(plannedRuns: readonly PlannedRun[], { of }: Shard): Whole {
  return {
    folders: plannedRuns.map(({ configuration }) => folderName(configuration)),
    parts: of,
  };
}
