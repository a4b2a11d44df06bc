import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { RemainingTime } from "../../harness/cli/progress.ts";
import {
  type Interruption,
  type PoolOptions,
  runTasks,
  threadEnvironment,
} from "../../harness/study/pool.ts";
import { type Task, cutTasks } from "../../harness/study/tasks.ts";
import type { OutputFolder } from "../../harness/study/run-folder.ts";
import { NO_ABLATIONS } from "../../record/configuration.ts";
import { NO_CUSTOM_CODE } from "../../record/custom-code.ts";
import { findProtocol, protocolId } from "../../record/protocols.ts";

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

const protocol = findProtocol("micro-1");

/** Folders that do not exist: all of their seeds are open. */
function folders(count: number): OutputFolder[] {
  return Array.from({ length: count }, (_, i) => ({
    path: `/nowhere/${i}`,
    protocol,
    configuration: {
      protocol: protocol.name,
      protocolId: protocolId(protocol),
      arch: "mlp-8",
      regs: "none",
      seeds: [1, 2, 3, 4, 5],
      threads: 1,
      engine: "cpu",
      limit: null,
      save: [],
      measures: false,
      ablations: NO_ABLATIONS,
      ...NO_CUSTOM_CODE,
    },
  }));
}

const seedsOf = (count: number, jobs: number) =>
  cutTasks(folders(count), jobs).map(({ seeds }) => seeds);

test("one job does every configuration whole, so that its graph is recorded once", () => {
  expect(seedsOf(2, 1)).toEqual([
    [1, 2, 3, 4, 5],
    [1, 2, 3, 4, 5],
  ]);
});

test("a single configuration is spread over the jobs by its seeds", () => {
  expect(seedsOf(1, 2)).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  expect(seedsOf(1, 9)).toEqual([[1], [2], [3], [4], [5]]);
});

test("of many configurations the last is spread, the others stay whole", () => {
  expect(seedsOf(4, 2).map(({ length }) => length)).toEqual([5, 5, 5, 2, 3]);
  expect(seedsOf(5, 2).map(({ length }) => length)).toEqual([5, 5, 5, 5, 2, 3]);
});

test("few configurations are all spread, unless each job can do one like the others'", () => {
  expect(seedsOf(3, 2).map(({ length }) => length)).toEqual([2, 3, 2, 3, 2, 3]);
  expect(seedsOf(2, 2).map(({ length }) => length)).toEqual([5, 5]);
  const [first, second] = folders(2) as [OutputFolder, OutputFolder];
  const other = { ...second, configuration: { ...second.configuration, arch: "cnn-16" } };
  expect(cutTasks([first, other], 2).map(({ seeds }) => seeds.length)).toEqual([2, 3, 2, 3]);
});

test("nothing is promised before the first epoch", () => {
  const remaining = new RemainingTime<string>(1);
  remaining.add("a", "mlp", 2);
  expect(remaining.ofTask("a")).toBeNull();
  expect(remaining.ofAll()).toBeNull();
});

test("the time in which the graph is recorded does not count for later epochs", () => {
  const remaining = new RemainingTime<string>(1);
  remaining.add("a", "mlp", 2);
  remaining.advance("a", 1, 10, 60_000);
  remaining.advance("a", 2, 10, 61_000);
  expect(remaining.ofTask("a")).toBe(18);
});

test("epochs from before an interruption do not make the pace look fast", () => {
  const remaining = new RemainingTime<string>(1);
  remaining.add("a", "mlp", 1);
  remaining.advance("a", 8, 10, 5_000);
  expect(remaining.ofTask("a")).toBeNull();
  remaining.advance("a", 9, 10, 7_000);
  expect(remaining.ofTask("a")).toBe(2);
});

test("waiting tasks are judged by their own kind, and lanes share the sum", () => {
  const remaining = new RemainingTime<string>(2);
  for (const task of ["a", "b", "c", "d"]) remaining.add(task, task < "c" ? "mlp" : "cnn", 1);
  remaining.advance("a", 1, 10, 0);
  remaining.advance("c", 1, 10, 0);
  remaining.advance("a", 2, 10, 1_000);
  remaining.advance("c", 2, 10, 4_000);
  expect(remaining.ofTask("b")).toBe(10);
  expect(remaining.ofTask("d")).toBe(40);
  expect(remaining.ofAll()).toBe((8 + 10 + 32 + 40) / 2);
  remaining.end("d");
  expect(remaining.ofTask("d")).toBe(0);
});

test("workers use oneDNN, unless the user has turned it off", () => {
  expect(threadEnvironment(2, {})).toMatchObject({ TF_ENABLE_ONEDNN_OPTS: "1" });
  const off = { TF_ENABLE_ONEDNN_OPTS: "0" };
  expect(threadEnvironment(2, off)).toMatchObject(off);
});
