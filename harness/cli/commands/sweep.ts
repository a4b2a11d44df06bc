/** @file `rademark sweep`: every pair of architecture and regularizers. */

import { resolve } from "node:path";
import { requireInstalled } from "../../study/installed-engine.ts";
import { prepareSweep } from "../../study/run-folder.ts";
import { challengeArguments, trainForBoards } from "../training.ts";
import { chooseData } from "../own-data.ts";
import { defineCommand } from "../command.ts";
import {
  SET_DETAILS,
  lanesFor,
  manyConfigurations,
  outputArguments,
  planGrid,
  trainingArguments,
} from "../training-arguments.ts";
import { printResults } from "../results.ts";

export const command = defineCommand({
  meta: {
    details:
      "--jobs trains configurations side by side and leaves --threads alone, because threads can\n" +
      "change the last bits of a result. On C cores, --jobs C --threads 1 suits small networks.\n" +
      "Into the same --out, another sweep adds configurations and seeds: what is finished is never trained\n" +
      "again (docs/study.md).\n" +
      "With --challenge every configuration gets its own challenge. A key may have only a few open at a time:\n" +
      "--submit submits each result as soon as it is trained, so that the next challenges can be taken.\n" +
      SET_DETAILS,
    examples: [
      'rademark sweep --protocol micro-1 --arch mlp-256,cnn-16 --reg "none;wd=0.005;dropout=0.5;aug;rl=10" --seeds panel --jobs 2 --out runs/grid',
    ],
  },
  args: { ...manyConfigurations, ...trainingArguments, ...challengeArguments, ...outputArguments },
  async run(values, effects, typed) {
    requireInstalled(values.engine);
    const lanes = lanesFor(values, effects);
    const data = await chooseData(values, effects);
    const plannedRuns = await planGrid(values.arch, values.reg, values, effects, data);
    const root = resolve(effects.cwd, values.out);
    const { jobs } = lanes;
    const { folders, exitCode, exitCodeOfAll } = await trainForBoards(
      {
        ...values,
        ...lanes,
        root,
        plannedRuns,
        typed,
        renews: false,
        many: true,
        prepare: (environment) => prepareSweep(root, plannedRuns, jobs, environment),
      },
      effects,
    );
    printResults(folders, { json: values.json, many: true, exitCode }, effects);
    return exitCodeOfAll;
  },
});
