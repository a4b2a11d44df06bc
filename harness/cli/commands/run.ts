/** @file `rademark run`: one configuration, some seeds. */

import { resolve } from "node:path";
import { prepareFolder } from "../../sweep/output-folder.ts";
import { defineCommand } from "../command.ts";
import { planGrid } from "../plan.ts";
import { printResults } from "../results.ts";
import { train } from "../training.ts";
import { oneConfiguration, outputArguments, trainingArguments } from "../training-arguments.ts";

export const run = defineCommand({
  meta: {
    summary: "train one configuration on some seeds",
    details:
      "Doing it again, or `rademark resume`, goes on where an interrupted run stopped.\n" +
      "Ctrl-C leaves a folder that can be resumed.",
    examples: [
      "rademark run --protocol micro-1 --arch mlp-512 --reg none --seeds panel --out runs/a --json",
      "rademark run --protocol micro-1 --arch cnn-16 --reg wd=0.005,dropout=0.5 --seeds 1,2 --out runs/b",
      "rademark run --protocol micro-1 --set epochs=5 --arch cnn-8 --out runs/short",
    ],
  },
  args: { ...oneConfiguration, ...trainingArguments, ...outputArguments },
  async run(values, effects) {
    const [wish] = planGrid([values.arch], [values.reg], values, effects);
    const root = resolve(effects.cwd, values.out);
    const { folders, exitCode } = await train(
      {
        root,
        jobs: values.jobs,
        quiet: values.quiet,
        prepare: (environment) => [prepareFolder(root, wish!, environment)],
      },
      effects,
    );
    printResults(folders, { json: values.json, many: false, exitCode }, effects);
    return exitCode;
  },
});
