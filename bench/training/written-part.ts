/** @file The part of a document that a command writes; the rest is a person's. */

import { readFileSync } from "node:fs";
import { writeAtomic } from "../../harness/files.ts";
import type { Environment } from "../../harness/study/environment.ts";

export interface Markers {
  begin: string;
  end: string;
}

/** @throws when the document lacks the lines between which it is written. */
export function replacePart(document: string, { begin, end }: Markers, part: string): string {
  const start = document.indexOf(begin);
  const stop = document.indexOf(end, start);
  if (start < 0 || stop < 0) throw new Error(`the document has lost its lines ${begin} and ${end}`);
  return `${document.slice(0, start + begin.length)}\n\n${part.trim()}\n\n${document.slice(stop)}`;
}

export function writePart(path: string, markers: Markers, part: string): void {
  writeAtomic(path, replacePart(readFileSync(path, "utf8"), markers, part));
}

/** Machine, date, commit and command of a measurement. */
export function circumstances(environment: Environment, command: string): string {
  const { cpu, cores, memoryBytes, os, node, at, git } = environment;
  const gibibytes = Math.round(memoryBytes / 2 ** 30);
  const changed = git?.dirty ? ", with changes not committed" : "";
  return [
    `- machine: ${cpu}, ${cores} cores, ${gibibytes} GiB, ${os}, Node ${node}`,
    `- date: ${at.slice(0, 10)}; commit ${git?.commit.slice(0, 10) ?? "unknown"}${changed}`,
    `- command: \`${command}\``,
  ].join("\n");
}
