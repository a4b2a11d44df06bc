/** @file The training workers' protocol, kept by a child process that trains nothing. */

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../record/configuration.ts";
import type { Run } from "../../record/run.ts";
import type { FromWorker, ToWorker } from "../../harness/train/messages.ts";
import { writeJsonAtomic } from "../../harness/files.ts";

type RunOf = (arch: string, regs: string, seed: number) => Run;

const say = (message: FromWorker): void => void process.send!(message);

/** Answers every task with the runs that `runOf` makes up. */
export function answerTasks(runOf: RunOf): void {
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message: ToWorker) => {
    if (message.type === "start") answer(message.folder, message.seeds, runOf);
  });
  say({ type: "ready" });
}

function answer(folder: string, seeds: number[], runOf: RunOf): void {
  const text = readFileSync(join(folder, "config.json"), "utf8");
  const { arch, regs } = JSON.parse(text) as Configuration;
  for (const seed of seeds) {
    const place = join(folder, "seeds", String(seed));
    mkdirSync(place, { recursive: true });
    writeJsonAtomic(join(place, "final.json"), runOf(arch, regs, seed));
    say({ type: "seed", folder, seed, status: "completed" });
  }
  say({ type: "done", folder });
}
