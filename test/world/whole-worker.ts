/**
 * @file A child process that keeps the training workers' protocol without training, and leaves runs that every check
 * of a server lets pass. Counts differ from seed to seed and from configuration to configuration, as real ones do.
 */

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../record/configuration.ts";
import type { Run } from "../../record/run.ts";
import { writeJsonAtomic } from "../../harness/files.ts";
import type { FromWorker, ToWorker } from "../../harness/train/messages.ts";
import { aWholeRun } from "./runs.ts";

type RunOf = (arch: string, regs: string, seed: number) => Run;

const say = (message: FromWorker): void => void process.send!(message);

/** Answers every task with the runs that `runOf` makes up: what other workers of this kind do, too. */
export function answerTasks(runOf: RunOf): void {
  process.on("SIGINT", () => undefined);
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message: ToWorker) => {
    const { folder } = message as { folder: string };
    if (message.type === "start") answer(folder, message.seeds, runOf);
    if (message.type !== "inspect") return;
    say({ type: "inspected", folder, taps: [], widths: [], parameters: 1 });
    say({ type: "done", folder });
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

if (import.meta.main) answerTasks(distinctRun);

function distinctRun(arch: string, regs: string, seed: number): Run {
  const run = aWholeRun({ arch, regs, seed });
  const digest = createHash("sha256")
    .update(JSON.stringify([arch, regs, seed]))
    .digest();
  const epochs = run.epochs.map((epoch, i) => ({ ...epoch, correct: 1000 + digest[i % 32]! }));
  return { ...run, epochs };
}
