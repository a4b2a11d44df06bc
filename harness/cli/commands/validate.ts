/** @file `rademark validate`: is this configuration right, and what will it take? */

import { availableParallelism } from "node:os";
import { IMAGENET_VARIABLE, sampleCounts } from "../../data/protocol-images.ts";
import { machineMemory } from "../../doctor/machine-checks.ts";
import { EXIT, UserError } from "../../errors.ts";
import { type Estimate, estimate, runTrials, totalSeconds } from "../../study/trials.ts";
import { deviceVariables } from "../../study/devices.ts";
import { requireInstalled } from "../../study/installed-engine.ts";
import type { PlannedRun } from "../../study/run-folder.ts";
import { chooseData } from "../own-data.ts";
import { commonArguments, defineCommand, jsonArgument, workerVariables } from "../command.ts";
import type { Effects } from "../../effects.ts";
import { fetchDatasets } from "../fetching.ts";
import { createPainter } from "../progress.ts";
import {
  type Lanes,
  SET_DETAILS,
  lanesFor,
  manyConfigurations,
  planGrid,
  trainingArguments,
} from "../training-arguments.ts";
import { estimateLarge } from "../readiness.ts";
import { fewSeeds } from "../seed-notes.ts";
import { formatBytes, formatCount, formatDuration } from "../../format.ts";
import { type Column, formatTable } from "../../terminal-table.ts";

export const command = defineCommand({
  meta: {
    details:
      "Takes the options of run and sweep, and tries two steps of every configuration without training it.\n" +
      "Configurations that need more memory than the machine has are estimated from their shapes instead.\n" +
      "Saved features, and the time of controls on wide taps, are not included.\n" +
      SET_DETAILS,
    examples: [
      "rademark validate --protocol micro-1 --arch cnn-16 --reg wd=0.005",
      'rademark validate --protocol cifar10-1 --arch wrn-16-4,resnet-18 --reg "recipe;recipe,rl=10" --jobs 2',
    ],
  },
  args: { ...manyConfigurations, ...trainingArguments, json: jsonArgument, ...commonArguments },
  async run(asked, effects) {
    requireInstalled(asked.engine);
    const values = { ...asked, ...lanesFor(asked, effects) };
    const data = await chooseData(values, effects);
    const plannedRuns = await planGrid(values.arch, values.reg, values, effects, data);
    if (!values.quiet) for (const line of fewSeeds(plannedRuns)) effects.err(`${line}\n`);
    await fetchDatasets(plannedRuns, effects, values.quiet);
    const estimates = await estimateAll(plannedRuns, values, effects);
    const { threads } = plannedRuns[0]!.configuration;
    const lanes = lanesOf(values.jobs, threads, plannedRuns);
    const total = {
      jobs: values.jobs,
      threads,
      seconds: totalSeconds(estimates, lanes),
      memoryBytes: values.jobs * Math.max(...estimates.map(({ memoryBytes }) => memoryBytes)),
      diskBytes: estimates.reduce((sum, { diskBytes }) => sum + diskBytes, 0),
    };
    const { totalBytes, freeBytes } = machineMemory();
    const machine = {
      cores: availableParallelism(),
      totalMemoryBytes: totalBytes,
      freeMemoryBytes: freeBytes,
    };
    const document = { configurations: estimates, total, machine };
    effects.out(
      values.json
        ? `${JSON.stringify(document, null, 2)}\n`
        : estimateTable(estimates, total, machine),
    );
    return EXIT.ok;
  },
});

/** Jobs beyond the cores, or beyond the work, save no time. */
function lanesOf(jobs: number, threads: number, plannedRuns: PlannedRun[]): number {
  const room = Math.max(1, Math.floor(availableParallelism() / threads));
  const work = plannedRuns.reduce((sum, { configuration }) => sum + configuration.seeds.length, 0);
  return Math.min(jobs, room, work);
}

async function estimateAll(
  plannedRuns: PlannedRun[],
  { jobs, devices, quiet }: Lanes & { quiet: boolean },
  effects: Effects,
): Promise<Estimate[]> {
  const painter = createPainter(effects);
  const interrupted = new AbortController();
  const unlisten = effects.onInterrupt(() => interrupted.abort());
  try {
    const show = (plannedRun: PlannedRun) => {
      const { arch, regs } = plannedRun.configuration;
      const place = `${plannedRuns.indexOf(plannedRun) + 1} of ${plannedRuns.length}`;
      if (!quiet && effects.terminal) painter.repaint([`trying ${arch} ${regs}  ${place}`]);
    };
    const [device] = devices ?? [];
    const seen = device === undefined ? {} : deviceVariables(device, false, effects.env);
    const variables = { ...workerVariables(effects.env), ...seen };
    const { signal } = interrupted;
    const memory = await estimateLarge(plannedRuns, jobs, effects);
    const { totalBytes, freeBytes } = machineMemory();
    // A run that would run out of memory, alone or beside what else runs here now, is not tried.
    const room = Math.min(totalBytes, freeBytes);
    const fitting = plannedRuns.filter(
      (plannedRun) => (memory.get(plannedRun)?.bytes ?? 0) <= room,
    );
    const trials = await runTrials(fitting, effects.worker, signal, show, variables);
    const tried = new Map(fitting.map((plannedRun, i) => [plannedRun, trials[i]!]));
    const estimates: Estimate[] = [];
    for (const plannedRun of plannedRuns) {
      const samples = await sampleCounts(plannedRun.protocol, effects.env[IMAGENET_VARIABLE]);
      estimates.push(
        estimate(
          plannedRun,
          samples,
          tried.get(plannedRun) ?? null,
          memory.get(plannedRun) ?? null,
        ),
      );
    }
    return estimates;
  } catch (error) {
    if (error instanceof UserError && error.exitCode === EXIT.usage)
      throw new UserError(`not valid: ${error.message}`, EXIT.usage, { cause: error });
    throw error;
  } finally {
    painter.clear();
    unlisten();
  }
}

interface Total {
  jobs: number;
  threads: number;
  seconds: number | null;
  memoryBytes: number;
  diskBytes: number;
}

interface Machine {
  cores: number;
  totalMemoryBytes: number;
  freeMemoryBytes: number;
}

const columns: Column[] = [
  { title: "arch", align: "left" },
  { title: "regularizers", align: "left" },
  { title: "params", align: "right" },
  { title: "steps", align: "right" },
  { title: "ms/step", align: "right" },
  { title: "a seed", align: "right" },
  { title: "all seeds", align: "right" },
  { title: "memory", align: "right" },
  { title: "disk", align: "right" },
];

/** The estimates as text. */
function estimateTable(estimates: Estimate[], total: Total, machine: Machine): string {
  const rows = estimates.map((each) => [
    each.arch,
    each.regs,
    formatCount(each.parameters),
    formatCount(each.steps),
    each.secondsPerStep === null ? "-" : (each.secondsPerStep * 1000).toFixed(1),
    formatDuration(each.secondsPerSeed),
    formatDuration(each.seconds),
    formatBytes(each.memoryBytes),
    formatBytes(each.diskBytes),
  ]);
  return [formatTable(columns, rows), totalLine(total), ...warnings(total, machine), ""].join("\n");
}

function totalLine({ jobs, threads, seconds, memoryBytes, diskBytes }: Total): string {
  const how = `${jobs} at a time with ${threads} threads each`;
  const needs = `${formatBytes(memoryBytes)} of memory, ${formatBytes(diskBytes)} of disk`;
  return `Valid. About ${formatDuration(seconds)} in all (${how}), ${needs}.`;
}

function warnings({ jobs, threads, memoryBytes }: Total, machine: Machine): string[] {
  const wanted = jobs * threads;
  return [
    ...(wanted > machine.cores
      ? [`${jobs} jobs of ${threads} threads need more than the ${machine.cores} cores here.`]
      : []),
    ...(memoryBytes > machine.totalMemoryBytes
      ? [
          `This machine has ${formatBytes(machine.totalMemoryBytes)} of memory: run and sweep would refuse. A smaller batch or fewer --jobs take less.`,
        ]
      : []),
    ...(memoryBytes > machine.freeMemoryBytes
      ? [
          `Only ${formatBytes(machine.freeMemoryBytes)} of memory are free now; configurations that need more were estimated, not tried.`,
        ]
      : []),
  ];
}
