/** @file `rademark sweep`: every pair of architecture and regularizers. */

import { resolve } from "node:path";
import { prepareSweep } from "../../sweep/sweep-folder.ts";
import { defineCommand } from "../command.ts";
import { planGrid } from "../plan.ts";
import { printResults } from "../results.ts";
import { train } from "../training.ts";
import { manyConfigurations, outputArguments, trainingArguments } from "../training-arguments.ts";

export const sweep = defineCommand({
  meta: {
    summary: "train every pair of architecture and regularizers",
    details:
      "--jobs trains configurations side by side and leaves --threads alone, because threads can\n" +
      "change the last bits of a result. On C cores, --jobs C --threads 1 suits small networks.",
    examples: [
      'rademark sweep --protocol micro-1 --arch mlp-256,cnn-16 --reg "none;wd=0.005;dropout=0.5;aug;rl=10" --seeds panel --jobs 2 --out runs/grid',
    ],
  },
  args: { ...manyConfigurations, ...trainingArguments, ...outputArguments },
  async run(values, effects) {
    const wishes = planGrid(values.arch, values.reg, values, effects);
    const root = resolve(effects.cwd, values.out);
    const { jobs, quiet, json } = values;
    const { folders, exitCode } = await train(
      {
        root,
        jobs,
        quiet,
        prepare: (environment) => prepareSweep(root, wishes, jobs, environment),
      },
      effects,
    );
    printResults(folders, { json, many: true, exitCode }, effects);
    return exitCode;
  },
});
