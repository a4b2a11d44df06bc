/** @file What a configuration or a sweep will take, as text. */

import type { Estimate } from "../sweep/trials.ts";
import { formatBytes, formatCount, formatDuration } from "./format.ts";
import { type Column, formatTable } from "./table.ts";

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

export function estimateTable(estimates: Estimate[], total: Total, machine: Machine): string {
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
      ? [`${jobs} jobs of ${threads} threads are more than the ${machine.cores} cores here.`]
      : []),
    ...(memoryBytes > machine.totalMemoryBytes
      ? [
          `This machine has ${formatBytes(machine.totalMemoryBytes)} of memory: run and sweep would refuse. A smaller batch or fewer --jobs take less.`,
        ]
      : []),
    ...(memoryBytes > machine.freeMemoryBytes
      ? [
          `Only ${formatBytes(machine.freeMemoryBytes)} of memory are free now; what wants more was estimated, not tried.`,
        ]
      : []),
  ];
}
