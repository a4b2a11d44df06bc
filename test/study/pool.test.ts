import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  type Interruption,
  type PoolOptions,
  type Task,
  runTasks,
} from "../../harness/study/pool.ts";

const worker = fileURLToPath(new URL("../world/scripted-worker.ts", import.meta.url));

function makeTask(script: object, seeds = [1, 2], threads = 1): Task {
  const folder = mkdtempSync(join(tmpdir(), "rademark-pool-"));
  const configuration = { protocolId: "a".repeat(64), arch: "mlp-8", regs: "none" };
  writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
  writeFileSync(join(folder, ".script.json"), JSON.stringify(script));
  return { folder, arch: "mlp-8", regs: "none", seeds, threads };
}

function options(jobs: number, overrides: Partial<PoolOptions> = {}): PoolOptions {
  const never: Interruption = {
    stop: new AbortController().signal,
    kill: new AbortController().signal,
  };
  return {
    worker,
    jobs,
    interruption: never,
    onStart: () => undefined,
    onProgress: () => undefined,
    onLog: () => undefined,
    onEnd: () => undefined,
    ...overrides,
  };
}

/** Which process made a seed's result: the scripted worker writes its id as `params`. */
function makerOf({ folder }: Task, seed: number): number {
  const text = readFileSync(join(folder, "seeds", String(seed), "final.json"), "utf8");
  return (JSON.parse(text) as { params: number }).params;
}

test("one worker serves all tasks of a lane", async () => {
  const tasks = [makeTask({}), makeTask({})];
  expect(await runTasks(tasks, options(1))).toEqual([{ type: "done" }, { type: "done" }]);
  expect(makerOf(tasks[0]!, 1)).toBe(makerOf(tasks[1]!, 2));
});

test("two jobs are two processes at the same time", async () => {
  const tasks = [makeTask({ epochMilliseconds: 50 }), makeTask({ epochMilliseconds: 50 })];
  let running = 0;
  let most = 0;
  const onStart = () => void (most = Math.max(most, ++running));
  const onEnd = () => void running--;
  await runTasks(tasks, options(2, { onStart, onEnd }));
  expect(most).toBe(2);
  expect(makerOf(tasks[0]!, 1)).not.toBe(makerOf(tasks[1]!, 1));
});

test("another number of threads gets another worker", async () => {
  const tasks = [makeTask({}, [1], 1), makeTask({}, [1], 2)];
  await runTasks(tasks, options(1));
  expect(makerOf(tasks[0]!, 1)).not.toBe(makerOf(tasks[1]!, 1));
});

test("a killed worker fails its task and no other", async () => {
  const tasks = [makeTask({ acts: { 2: "crash" } }), makeTask({})];
  const [first, second] = await runTasks(tasks, options(1));
  expect(first).toMatchObject({ type: "failed", exitCode: 1, bug: false });
  expect(first).toHaveProperty("message", expect.stringContaining("SIGKILL"));
  expect(second).toEqual({ type: "done" });
  expect(existsSync(join(tasks[0]!.folder, "seeds", "1", "final.json"))).toBe(true);
});

test("a worker's bug is reported with its last output", async () => {
  const [outcome] = await runTasks([makeTask({ acts: { 1: "bug" } })], options(1));
  expect(outcome).toMatchObject({ type: "failed", bug: true });
  expect(outcome).toHaveProperty("message", expect.stringContaining("the scripted bug"));
});

test("a failure that the worker reports keeps its exit code", async () => {
  const [outcome] = await runTasks([makeTask({ acts: { 1: "fail" } })], options(1));
  expect(outcome).toMatchObject({ type: "failed", message: "the scripted failure", exitCode: 3 });
});

test("a stop ends the running task at its checkpoint and begins no other", async () => {
  const stop = new AbortController();
  const interruption = { stop: stop.signal, kill: new AbortController().signal };
  const tasks = [makeTask({ epochs: 500, epochMilliseconds: 5 }), makeTask({})];
  const started: Task[] = [];
  const outcomes = await runTasks(
    tasks,
    options(1, {
      interruption,
      onStart: (task) => void started.push(task),
      onProgress: () => stop.abort(),
    }),
  );
  expect(outcomes).toEqual([{ type: "stopped" }, { type: "stopped" }]);
  expect(started).toEqual([tasks[0]]);
  expect(existsSync(join(tasks[0]!.folder, "seeds", "1", "checkpoint.json"))).toBe(true);
});

test("a second interrupt kills a worker that does not stop, which is not a failure", async () => {
  const [stop, kill] = [new AbortController(), new AbortController()];
  const outcomes = await runTasks(
    [makeTask({ epochs: 1, acts: { 1: "hang" } })],
    options(1, {
      interruption: { stop: stop.signal, kill: kill.signal },
      onProgress() {
        stop.abort();
        kill.abort();
      },
    }),
  );
  expect(outcomes).toEqual([{ type: "stopped" }]);
});

test("a listener's error reaches the caller after the other lanes have stopped", async () => {
  const tasks = [makeTask({}), makeTask({ epochs: 500, epochMilliseconds: 5 })];
  let living: number[] = [];
  const running = runTasks(
    tasks,
    options(2, {
      onEnd() {
        throw new Error("the disk is full");
      },
      onWorkers: (pids) => void (living = pids),
    }),
  );
  await expect(running).rejects.toThrow("the disk is full");
  expect(living).toEqual([]);
});
