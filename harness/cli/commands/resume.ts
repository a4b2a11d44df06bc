/** @file `rademark resume DIR` */

import { resolve } from "node:path";
import { requireInstalled } from "../../study/installed-engine.ts";
import { isSweep, jobsOf, openFolders, pendingSeeds } from "../../study/run-folder.ts";
import {
  commonArguments,
  defineCommand,
  jsonArgument,
  outputFolderArgument,
  wholeNumber,
} from "../command.ts";
import { typedLine } from "../../command-line.ts";
import { allowArgument, codeOfFolders, requirePermission } from "../custom-permission.ts";
import { printResults } from "../results.ts";
import { requireTrainable } from "../readiness.ts";
import { train } from "../training.ts";

export const command = defineCommand({
  meta: {
    details:
      "The number of threads stays that of the folder; the result is as it would be without the interruption.",
    examples: ["rademark resume runs/b", "rademark resume runs/grid --jobs 4"],
  },
  args: {
    folder: outputFolderArgument,
    jobs: {
      summary: "trainings at the same time (default: as before)",
      placeholder: "N",
      read: wholeNumber(1, 256),
      fallback: null,
    },
    allowCustomCode: allowArgument,
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ folder, jobs, json, quiet, engine, allowCustomCode }, effects, typed) {
    requireInstalled(engine);
    const root = resolve(effects.cwd, folder);
    // Before the folder is locked, as that would create a mistyped path.
    const open = openFolders(root).filter((folder) => pendingSeeds(folder).length > 0);
    const many = isSweep(root);
    const code = requirePermission(codeOfFolders(open), null, allowCustomCode, effects);
    await requireTrainable(open, { jobs: jobs ?? jobsOf(root), quiet }, effects);
    const { folders, exitCode } = await train(
      {
        ...{ root, many, jobs: jobs ?? jobsOf(root), quiet, code },
        ...(allowCustomCode ? { again: typedLine(typed, effects) } : {}),
        prepare: () => openFolders(root),
      },
      effects,
    );
    printResults(folders, { json, many, exitCode }, effects);
    return exitCode;
  },
});
