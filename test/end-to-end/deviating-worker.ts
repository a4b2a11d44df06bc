/** @file A training worker whose runs pass every check, and whose test accuracy, 60 %, is nobody else's. */

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Configuration } from "../../record/configuration.ts";
import type { FromWorker, ToWorker } from "../../harness/train/messages.ts";
import { writeJsonAtomic } from "../../harness/files.ts";
import { aWholeRun } from "../record/statement/factories.ts";

const say = (message: FromWorker): void => void process.send!(message);

process.on("SIGINT", () => undefined);
process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToWorker) => {
  if (message.type === "start") train(message.folder, message.seeds);
});
say({ type: "ready" });

function train(folder: string, seeds: number[]): void {
  const { arch, regs } = JSON.parse(
    readFileSync(join(folder, "config.json"), "utf8"),
  ) as Configuration;
  for (const seed of seeds) {
    const run = aWholeRun({ arch, regs, seed });
    const place = join(folder, "seeds", String(seed));
    mkdirSync(place, { recursive: true });
    writeJsonAtomic(join(place, "final.json"), {
      ...run,
      final: { ...run.final!, testCorrect: 6000 },
    });
    say({ type: "seed", folder, seed, status: "completed" });
  }
  say({ type: "done", folder });
}
