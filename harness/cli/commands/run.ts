/** @file `rademark run`: one configuration, some seeds. */

import { resolve } from "node:path";
import { requireInstalled } from "../../study/installed-engine.ts";
import { prepareFolder } from "../../study/run-folder.ts";
import { challengeArguments, trainForBoards } from "../training.ts";
import { chooseData } from "../own-data.ts";
import { defineCommand } from "../command.ts";
import {
  SET_DETAILS,
  lanesFor,
  oneConfiguration,
  outputArguments,
  planGrid,
  trainingArguments,
} from "../training-arguments.ts";
import { printResults } from "../results.ts";

export const command = defineCommand({
  meta: {
    details:
      "The same command again, or `rademark resume`, continues where an interrupted run stopped.\n" +
      "Ctrl-C leaves a folder that can be resumed. With more --seeds, the same folder gets them as well: what\n" +
      "is finished is never trained again (docs/study.md).\n" +
      "With --challenge the commitment is signed and public before anybody knows the fresh seeds.\n" +
      SET_DETAILS,
    examples: [
      "rademark run --protocol micro-1 --arch mlp-512 --reg none --seeds panel --out runs/a --json",
      "rademark run --protocol micro-1 --arch cnn-16 --reg wd=0.005,dropout=0.5 --seeds 1,2 --out runs/b",
      "rademark run --protocol micro-1 --set epochs=5 --arch cnn-8 --out runs/short",
      "rademark run --protocol micro-1 --arch ./my-net.ts --reg ./my-reg.ts=0.1 --out runs/own",
      "rademark run --protocol micro-1 --arch cnn-8 --challenge --submit --out runs/listed",
    ],
  },
  args: { ...oneConfiguration, ...trainingArguments, ...challengeArguments, ...outputArguments },
  async run(values, effects, typed) {
    requireInstalled(values.engine);
    const lanes = lanesFor(values, effects);
    const data = await chooseData(values, effects);
    const plannedRuns = await planGrid([values.arch], [values.reg], values, effects, data);
    const root = resolve(effects.cwd, values.out);
    const { folders, exitCode, exitCodeOfAll } = await trainForBoards(
      {
        ...values,
        ...lanes,
        root,
        plannedRuns,
        typed,
        renews: false,
        many: false,
        prepare: (environment) => [prepareFolder(root, plannedRuns[0]!, environment)],
      },
      effects,
    );
    printResults(folders, { json: values.json, many: false, exitCode }, effects);
    return exitCodeOfAll;
  },
});
