/** @file `rademark resume DIR` */

import { resolve } from "node:path";
import { requireInstalled } from "../../study/installed-engine.ts";
import { type OutputFolder, pendingSeeds, withSeeds } from "../../study/run-folder.ts";
import { isSweep, jobsOf, openFolders } from "../../study/sweep-folder.ts";
import { commonArguments, defineCommand, jsonArgument, outputFolderArgument } from "../command.ts";
import { typedLine } from "../../command-line.ts";
import { allowArgument, codeOfFolders, requirePermission } from "../custom-permission.ts";
import { printResults } from "../results.ts";
import { requireTrainable } from "../readiness.ts";
import { train } from "../training.ts";
import { type SeedList, lanesFor, trainingArguments } from "../training-arguments.ts";

export const command = defineCommand({
  meta: {
    details:
      "The number of threads stays that of the folder; the result is as it would be without the interruption.\n" +
      "--seeds adds seeds, to every configuration of a sweep; what is finished is never trained again.",
    examples: [
      "rademark resume runs/b",
      "rademark resume runs/grid --jobs 4",
      "rademark resume runs/grid --seeds panel+3",
    ],
  },
  args: {
    folder: outputFolderArgument,
    seeds: {
      ...trainingArguments.seeds,
      summary: "seeds to add: panel, panel+3, 1,2 or 1-8 (default: none)",
      fallback: null,
    },
    jobs: {
      ...trainingArguments.jobs,
      summary: "trainings at the same time (default: as before, or one a device)",
    },
    devices: trainingArguments.devices,
    allowCustomCode: allowArgument,
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ folder, seeds, json, quiet, engine, allowCustomCode, ...asked }, effects, typed) {
    requireInstalled(engine);
    const root = resolve(effects.cwd, folder);
    const prepare = () => openFolders(root).map((each) => withMore(each, seeds));
    // Before the folder is locked, as that would create a mistyped path.
    const open = prepare().filter((each) => pendingSeeds(each).length > 0);
    const lanes = lanesFor(asked, effects, jobsOf(root));
    const many = isSweep(root);
    const code = requirePermission(codeOfFolders(open), null, allowCustomCode, effects);
    await requireTrainable(open, { ...lanes, quiet }, effects);
    const { folders, exitCode } = await train(
      {
        ...{ root, many, ...lanes, quiet, code, prepare, typed },
        ...(allowCustomCode ? { again: typedLine(typed, effects) } : {}),
      },
      effects,
    );
    printResults(folders, { json, many, exitCode }, effects);
    return exitCode;
  },
});

function withMore(folder: OutputFolder, seeds: SeedList | null): OutputFolder {
  return seeds === null ? folder : withSeeds(folder, seeds(folder.protocol.panelSeeds));
}
