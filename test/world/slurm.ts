/**
 * @file A real Slurm cluster of one node: Debian's programs in a process namespace of their own, which ends, whatever runs in
 * it, when this process does. To the rest of the machine its tasks are processes of another container.
 */

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./postgres.ts";

export interface Slurm {
  /** By which Slurm's commands find it. */
  env: { SLURM_CONF: string };
  /** Runs one of Slurm's commands; returns what it prints. */
  ask: (program: string, ...args: string[]) => string;
  /** What its daemons have logged. */
  log: () => string;
  /** Ends every process in it. */
  stop: () => Promise<void>;
}

const PROGRAMS = ["slurmctld", "slurmd", "munged", "sbatch", "unshare"];

/** Daemons lie in a folder that a person's path may lack. */
const DAEMONS_PATH = `${process.env.PATH}:/usr/sbin`;

/** What this machine lacks for a Slurm of its own; null when it has everything. */
export function missingForSlurm(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "root on Linux";
  const missing = PROGRAMS.find(
    (program) => spawnSync("which", [program], { env: { PATH: DAEMONS_PATH } }).status !== 0,
  );
  if (missing !== undefined) return `${missing} (RADEMARK_INSTALL_SLURM=1 npm test installs it)`;
  const { status } = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]);
  return status === 0 ? null : "a process namespace";
}

/** @param settings further lines of slurm.conf. */
export async function startSlurm(settings: readonly string[] = []): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), "rademark-slurm-"));
  const [controller, node] = [await freePort(), await freePort()];
  for (const name of ["munge", "state", "spool"]) mkdirSync(join(folder, name), { mode: 0o700 });
  writeFileSync(join(folder, "munge/key"), randomBytes(128), { mode: 0o400 });
  const conf = join(folder, "slurm.conf");
  writeFileSync(conf, configuration(folder, { controller, node }, settings));
  const env = { SLURM_CONF: conf };
  const isolated = ["--pid", "--fork", "--kill-child", "--mount-proc", "/bin/bash", "-c", DAEMONS];
  const daemons = spawn("unshare", [...isolated, "bash", folder], {
    env: { PATH: DAEMONS_PATH, ...env },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((resolve) => daemons.once("close", () => resolve()));
  const ask = (program: string, ...args: string[]) =>
    execFileSync(program, args, { env: { ...process.env, ...env }, encoding: "utf8" }).trim();
  const log = () => readFileSync(join(folder, "daemons.log"), "utf8");
  const stop = async () => {
    daemons.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilIdle(() => ask("sinfo", "--noheader", "--format=%T"));
  } catch (error) {
    const told = log();
    await stop();
    throw new Error(`Slurm does not start: ${told}`, { cause: error });
  }
  return { env, ask, log, stop };
}

/**
 * The first process of the namespace: when it ends, as its input does, the kernel kills the others. It is bash, which also
 * reaps whom they leave behind: Slurm takes a zombie for a task that cannot be killed, and drains the node.
 */
const DAEMONS = `
cd "$1" && exec 2>daemons.log >&2
munged --force --foreground --socket="$1/munge/socket" --key-file="$1/munge/key" \
  --log-file="$1/munge/log" --pid-file="$1/munge/pid" --seed-file="$1/munge/seed" &
while [ ! -S munge/socket ]; do sleep 0.02; done
slurmctld -D &
slurmd -D -N node1 &
read -r _
`;

/** Tasks run where the test's files are, unconfined; times are short, as nothing here is far away. */
function configuration(
  folder: string,
  ports: { controller: number; node: number },
  settings: readonly string[],
): string {
  return [
    "ClusterName=test",
    "SlurmctldHost=localhost",
    `AuthInfo=socket=${folder}/munge/socket`,
    ...["SlurmUser=root", `SlurmctldPort=${ports.controller}`, `SlurmdPort=${ports.node}`],
    ...[`StateSaveLocation=${folder}/state`, `SlurmdSpoolDir=${folder}/spool`],
    ...[`SlurmctldPidFile=${folder}/slurmctld.pid`, `SlurmdPidFile=${folder}/slurmd.pid`],
    ...["ProctrackType=proctrack/pgid", "TaskPlugin=task/none", "SwitchType=switch/none"],
    ...["MpiDefault=none", "SelectType=select/cons_tres", "SelectTypeParameters=CR_CPU"],
    ...["AccountingStorageType=accounting_storage/none", "JobAcctGatherType=jobacct_gather/none"],
    ...["KillWait=15", "ReturnToService=2", "SchedulerParameters=sched_min_interval=100000"],
    ...settings,
    `NodeName=node1 NodeHostname=${hostname()} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
    "PartitionName=all Nodes=node1 Default=YES MaxTime=INFINITE State=UP",
    "",
  ].join("\n");
}

async function untilIdle(state: () => string): Promise<void> {
  const began = performance.now();
  for (;;) {
    try {
      if (state().startsWith("idle")) return;
    } catch (error) {
      if (performance.now() - began > 60_000) throw error;
    }
    await sleep(100);
  }
}
