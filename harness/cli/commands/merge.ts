/** @file `rademark merge DIR... --out DIR` */

import { relative, resolve } from "node:path";
import { commandLine } from "../../command-line.ts";
import type { Effects } from "../../effects.ts";
import { EXIT, UserError } from "../../errors.ts";
import { type Merge, examineParts, mergeParts } from "../../study/merge.ts";
import { shardText } from "../../study/shards.ts";
import { commonArguments, defineCommand, jsonArgument, text } from "../command.ts";
import { printResults } from "../results.ts";

export const command = defineCommand({
  meta: {
    details:
      "The merged folder is what one machine would have written, times aside (docs/scaling.md). Everything is\n" +
      "checked before anything is written: a missing part or seed, a damaged folder, numbers of another protocol,\n" +
      "and runs of one configuration and seed that differ, end the command. The parts are not changed. After an\n" +
      "interruption the same command goes on; into the folder of a sweep it adds.",
    examples: ["rademark merge runs/part-1 runs/part-2 --out runs/grid"],
  },
  args: {
    folder: {
      summary: "folders of parts, of sweeps or of runs",
      placeholder: "DIR",
      positional: true,
      repeat: true,
      read: text,
    },
    out: { summary: "folder of the whole sweep", placeholder: "DIR", read: text },
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ folder, out, json }, effects) {
    const root = resolve(effects.cwd, out);
    const places = folder.map((each) => resolve(effects.cwd, each));
    const merge = examineParts(places, root);
    requireComplete(merge, effects);
    const folders = await mergeParts(merge);
    printResults(folders, { json, many: true, exitCode: EXIT.ok }, effects);
    return EXIT.ok;
  },
});

/** @throws UserError saying what is missing, and the commands that train it. */
function requireComplete({ missingShards, missingSeeds }: Merge, effects: Effects): void {
  const lines = [
    ...missingShards.map(({ shard, names }) => {
      const part = shardText(shard);
      return `part ${part} is not there: ${shortList(names)}. Train it by the same sweep with --shard ${part}, and merge its folder as well.`;
    }),
    ...missingSeeds.map(({ folder: { path }, seeds }) => {
      const near = relative(effects.cwd, path);
      const place = near.startsWith("..") ? path : near;
      return `${place} lacks ${seeds.length === 1 ? "seed" : "seeds"} ${shortList(seeds)}: ${commandLine(`resume ${place}`, effects)}`;
    }),
  ];
  if (lines.length === 0) return;
  throw new UserError(
    [
      "The sweep is not complete, and nothing was written:",
      ...lines.map((line) => `  ${line}`),
    ].join("\n"),
  );
}

const MOST_NAMED = 4;

function shortList(names: readonly (string | number)[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return `${names.slice(0, MOST_NAMED).join(", ")}${more}`;
}
