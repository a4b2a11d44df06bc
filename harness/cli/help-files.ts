/**
 * @file The help as files in setup/help/, from which the set-up answers before anything is installed; `npm run help` writes
 * them again, after a command, an option or their words have changed.
 */

import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commands } from "./commands.ts";
import { helpOf, helpOfAll } from "./main.ts";

export const HELP_FOLDER = fileURLToPath(new URL("../../setup/help", import.meta.url));

/** Texts by file name. */
export async function helpFiles(): Promise<ReadonlyMap<string, string>> {
  const names = [...commands.keys()];
  const texts = await Promise.all(names.map(helpOf));
  return new Map([
    ["rademark.txt", helpOfAll()],
    ...names.map((name, i) => [`${name}.txt`, texts[i]!] as const),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const old of readdirSync(HELP_FOLDER)) rmSync(`${HELP_FOLDER}/${old}`);
  for (const [name, text] of await helpFiles()) writeFileSync(`${HELP_FOLDER}/${name}`, text);
}
