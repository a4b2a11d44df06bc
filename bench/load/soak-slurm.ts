/**
 * @file `npm run soak:slurm`: a time limit of two minutes on a real Slurm, for a run that takes longer. Is it requeued with
 * its checkpoint, and is the folder in the end the one that an undisturbed machine writes?
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NO_CHECKOUT, folderDifferences } from "../../test/world/same-folders.ts";
import { missingForSlurm, startSlurm } from "../../test/world/slurm.ts";
import { REPOSITORY } from "./repository.ts";
import { count, readOptions } from "./tool-options.ts";

const { epochs } = readOptions(
  "npm run soak:slurm: a time limit of two minutes, on a Slurm cluster of this machine alone",
  {
    epochs: count(
      12000,
      "epochs of a tiny network; with fewer than two minutes' worth nothing is requeued",
    ),
  },
);

const missing = missingForSlurm();
if (missing !== null) {
  process.stderr.write(`This needs ${missing}.\n`);
  process.exit(2);
}
const root = mkdtempSync(join(tmpdir(), "rademark-slurm-soak-"));
const slurm = await startSlurm();
try {
  const words = [
    ...["sweep", "--protocol", "micro-1", "--set", "subset.perClass=10", "--set", "batch=20"],
    ...["--set", `epochs=${epochs}`, "--arch", "mlp-8", "--seeds", "1", "--threads", "1"],
  ];
  await rademark([...words, "--slurm", "--sbatch", "--time=2", "--out", "limited"]);
  await rademark([...words, "--quiet", "--out", "whole"]);
  const log = readFileSync(join(root, "limited/mlp-8+none/log.txt"), "utf8");
  const starts = log.match(/^.* Slurm job .*$/gm) ?? [];
  const differing = folderDifferences(join(root, "limited"), join(root, "whole"));
  const isSame = differing.length === 0;
  process.stdout.write(
    `${starts.map((line) => `${line}\n`).join("")}` +
      `started ${starts.length} times; ${isSame ? "the folder is that of one undisturbed machine" : `these differ:\n${differing.join("\n")}`}\n`,
  );
  process.exitCode = isSame && starts.length > 1 ? 0 : 1;
} finally {
  await slurm.stop();
  rmSync(root, { recursive: true, force: true });
}

function rademark(words: readonly string[]): Promise<void> {
  const entry = join(REPOSITORY, "harness/cli/rademark.ts");
  const env = { ...process.env, ...NO_CHECKOUT, ...slurm.env };
  const child = spawn(process.execPath, [entry, ...words], {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`${words.join(" ")} ended with ${code}`)),
    );
  });
}
