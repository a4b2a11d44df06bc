/** @file `rademark start`: what `npm start` does once everything is set up. */

import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { EXIT } from "../../errors.ts";
import { writeReport } from "../../report/report.ts";
import { prepareSweep } from "../../sweep/sweep-folder.ts";
import { defineCommand } from "../command.ts";
import { commonArguments, flag } from "../common-arguments.ts";
import { planGrid } from "../plan.ts";
import { printResults } from "../results.ts";
import { parseSeeds } from "../seeds.ts";
import { train } from "../training.ts";
import { text } from "../values.ts";

const ARCHITECTURES = ["mlp-256", "cnn-8"];
const REGULARIZERS = ["none", "dropout=0.5", "aug", "rl=10"];
/** A worker with CIFAR-10 in its session, generously. */
const BYTES_PER_JOB = 1.5 * 2 ** 30;

export const start = defineCommand({
  meta: {
    summary: "train the demo grid and write its report",
    details:
      "mlp-256 and cnn-8 on micro-1, each with none, dropout=0.5, aug and rl=10, on eight seeds.\n" +
      "A second start goes on where the first one stopped.",
    examples: ["rademark start", "rademark start --once"],
  },
  args: {
    once: flag("exit when done"),
    out: {
      summary: "output folder",
      placeholder: "DIR",
      read: text,
      fallback: ".rademark/demo",
    },
    ...commonArguments,
  },
  async run({ out, quiet }, effects) {
    const root = resolve(effects.cwd, out);
    const wishes = planGrid(ARCHITECTURES, REGULARIZERS, demo(), effects);
    const jobs = jobsHere(wishes.length);
    const { folders, exitCode } = await train(
      {
        root,
        jobs,
        quiet,
        prepare: (environment) => prepareSweep(root, wishes, jobs, environment),
      },
      effects,
    );
    printResults(folders, { json: false, many: true, exitCode }, effects);
    if (exitCode === EXIT.interrupted) return exitCode;
    effects.out(`Report: ${pathToFileURL(writeReport(root, { now: effects.now() })).href}\n`);
    return exitCode;
  },
});

/** One thread each: small networks gain nothing from a second one, and the result is the same anywhere. */
function demo() {
  return {
    protocol: "micro-1",
    set: [],
    seeds: parseSeeds("panel+3"),
    limit: null,
    threads: 1,
    jobs: 2,
    save: [],
    headInput: "rms",
    headLayers: 1,
    perClass: false,
  } as const satisfies Parameters<typeof planGrid>[2];
}

function jobsHere(configurations: number): number {
  const room = Math.floor(totalmem() / BYTES_PER_JOB);
  return Math.max(1, Math.min(availableParallelism(), room, configurations));
}
