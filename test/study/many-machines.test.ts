import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { loadDataset } from "../../harness/data/cached-dataset.ts";
import { readBatches } from "../../harness/study/slurm/batch-folder.ts";
import { runFiles } from "../../harness/train/run-files.ts";
import { rademark } from "../world/command-line.ts";
import { NO_CHECKOUT, folderDifferences, withoutTimes } from "../world/same-folders.ts";
import { type Slurm, missingForSlurm, startSlurm } from "../world/slurm.ts";

const root = mkdtempSync(join(tmpdir(), "rademark many machines-"));
const at = (...path: string[]) => join(root, ...path);
const sweep = [
  ...["sweep", "--protocol", "micro-1", "--set", "subset.perClass=10", "--set", "batch=20"],
  ...["--set", "epochs=60", "--seeds", "1,2", "--threads", "1"],
];
const grid = [...sweep, "--arch", "mlp-8,mlp-9,mlp-10", "--out"];

/** The command in this process, its training in real workers. */
const type = (args: readonly string[], env: Record<string, string> = {}) =>
  rademark([...args], { cwd: root, env: { ...process.env, ...env }, now: Date.now });

beforeAll(async () => {
  vi.stubEnv("GIT_DIR", NO_CHECKOUT.GIT_DIR);
  await loadDataset("cifar10");
  expect((await type([...grid, "whole"])).code).toBe(0);
}, 600_000);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

test("parts that were trained apart, merged, are what one machine writes, times aside", async () => {
  for (const [i, out] of ["a", "b", "a"].entries())
    expect((await type([...grid, out, "--shard", `${i + 1}/3`])).code).toBe(0);
  expect((await type(["merge", "b", "a", "--out", "merged"])).code).toBe(0);
  expect(folderDifferences(at("merged"), at("whole"))).toEqual([]);
  expect(withoutTimes(at("whole")).size).toBe(1 + 3 * (6 + 4));
});

const missing = missingForSlurm();

describe.skipIf(missing !== null)(`on a Slurm cluster (needs: ${missing ?? "it has all"})`, () => {
  let slurm: Slurm;
  beforeAll(async () => void (slurm = await startSlurm(["MaxArraySize=2"])));
  afterAll(() => slurm.stop());

  /** The command as a process of its own, which can be killed. */
  function follow(args: readonly string[]): Followed {
    const entry = join(import.meta.dirname, "../../harness/cli/rademark.ts");
    const env = { ...process.env, ...slurm.env, RADEMARK_CHECKPOINT_SECONDS: "0" };
    const child = spawn(process.execPath, [entry, ...args], { cwd: root, env });
    onTestFinished(() => void child.kill("SIGKILL"));
    const said = { text: "" };
    child.stderr.on("data", (bytes: Buffer) => (said.text += bytes.toString()));
    const ended = once(child, "close") as Followed["ended"];
    return { child, said, ended };
  }

  /** A task that trains, and has a checkpoint. */
  function begunIn(folder: string): string | undefined {
    const tasks = readBatches(folder).flatMap(({ job, plan }) =>
      plan.tasks.map((task, i) => ({ path: join(folder, task.folder), id: `${job}_${i}` })),
    );
    const hasCheckpoint = (path: string) =>
      [1, 2].some((seed) => existsSync(runFiles(path, seed).checkpoint));
    return tasks.find(({ path }) => hasCheckpoint(path))?.id;
  }

  const submissions = ({ said }: Followed) => said.text.match(/^job \d+ submitted/gm)?.length ?? 0;

  test(
    "an array survives the death of its login node and of a task, and gives the same folder",
    { timeout: 240_000 },
    async () => {
      const command = [...grid, "of a cluster", "--slurm"];
      const first = follow(command);
      await until(first, () => submissions(first) === 2); // of two tasks and of one
      first.child.kill("SIGKILL");
      await first.ended;
      const second = follow(command);
      await until(second, () => second.said.text.includes("of 3 configurations done"));
      await until(second, () => begunIn(at("of a cluster")) !== undefined);
      slurm.ask("scancel", "--signal=KILL", "--batch", begunIn(at("of a cluster"))!);
      const [code] = await second.ended;
      expect(code, second.said.text + slurm.log()).toBe(0);
      expect(submissions(second)).toBe(1);
      expect(second.said.text).toMatch(
        /mlp-\d+\+none: task \d+_\d \(FAILED, 0:9, node1\) ended early, but got further/,
      );
      expect(folderDifferences(at("of a cluster"), at("whole"))).toEqual([]);
    },
  );

  test(
    "a task that is cancelled or fails is reported, not tried for ever, and the same command tries again",
    { timeout: 240_000 },
    async () => {
      const words = [...sweep, "--arch", "mlp-8", "--out", "failing", "--slurm"];
      const later = type([...words, "--sbatch", "--begin=now+1hour"], slurm.env);
      const job = () => readBatches(at("failing"))[0]?.job;
      await expect.poll(job).toBeTruthy();
      slurm.ask("scancel", job()!);
      expect(await later).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /mlp-8 none failed: task \d+_0 \(CANCELLED, 0:\d.*\) was cancelled\.\n/,
        ) as string,
      });
      writeFileSync(at("failing", "mlp-8+none", "seeds"), "in the way");
      const failed = await type(words, slurm.env);
      expect(failed).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /failed: task \d+_0 \(FAILED, \d:0, node1\) ended, and no further[^]*seeds/,
        ) as string,
      });
      expect(failed.stderr).toContain("Try again with: rademark sweep");
      expect(await type([...words, "--sbatch", "--partition=none"], slurm.env)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/sbatch takes no job array: .*nvalid partition/) as string,
      });
    },
  );
});

interface Followed {
  child: ChildProcess;
  said: { text: string };
  ended: Promise<[number | null, string | null]>;
}

/** Waits for what a process is about to do. */
async function until({ child, said }: Followed, holds: () => boolean): Promise<void> {
  const began = performance.now();
  while (!holds()) {
    if (child.exitCode !== null || performance.now() - began > 100_000)
      throw new Error(`this did not come about: ${holds.toString()}\n${said.text}`);
    await wait(20);
  }
}
