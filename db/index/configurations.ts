/** @file Many configurations in one question. */

import { sql, type SQL } from "drizzle-orm";
import type { challenges, entries, runCounts } from "../schema.ts";

export interface ConfigurationName {
  arch: string;
  regs: string;
}

/** A key for maps: canonical names hold no spaces. */
export function placeOf({ arch, regs }: ConfigurationName): string {
  return `${arch} ${regs}`;
}

/** Rows of these configurations of a protocol; found along the index by configuration. */
export function among(
  {
    protocol,
    arch,
    regs,
  }: Pick<typeof entries | typeof challenges | typeof runCounts, "protocol" | "arch" | "regs">,
  id: string,
  configurations: readonly ConfigurationName[],
): SQL {
  const names = JSON.stringify(
    configurations.map((each) => ({ arch: each.arch, regs: each.regs })),
  );
  const listed = sql`select arch, regs from json_to_recordset(${names}::json) as listed(arch text, regs text)`;
  return sql`(${protocol} = ${id} and (${arch}, ${regs}) in (${listed}))`;
}
