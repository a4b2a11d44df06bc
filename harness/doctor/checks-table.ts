/** @file The doctor's checks as text for a terminal. */

import { formatTable } from "../cli/table.ts";
import type { DoctorDocument } from "./document.ts";

const COLUMNS = ["check", "", "found"].map((title) => ({ title, align: "left" as const }));

/** @returns text that ends with a newline; a command that mends something stands below what it mends. */
export function formatChecks({ checks, healthy, seconds }: DoctorDocument): string {
  const rows = checks.flatMap(({ name, state, says, mend }) => [
    [name, state, says],
    ...(mend === null ? [] : [["", "", `run: ${mend}`]]),
  ]);
  const count = (state: string) => checks.filter((check) => check.state === state).length;
  const verdict = healthy ? "This machine can train" : "This machine cannot train as it is";
  const tally = `${count("ok")} ok, ${count("warn")} to look at, ${count("fail")} failed`;
  return `${formatTable(COLUMNS, rows)}\n${verdict}: ${tally}, in ${seconds.toFixed(0)} s.\n`;
}
