import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { EngineProcess } from "../../harness/doctor/engine-process.ts";
import { type FamilyTrial, selfTest } from "../../harness/doctor/self-test.ts";
import {
  determinismCheck,
  familyCheck,
  familyFigures,
  gpuCheck,
} from "../../harness/doctor/doctor.ts";

const MEND = "npm start";
const states = (trial: FamilyTrial) => ({
  family: familyCheck(trial, MEND).state,
  gpu: gpuCheck([trial], MEND)?.state,
  onCpu: determinismCheck([trial], false).state,
  onGpu: determinismCheck([trial], true).state,
});

/** The real step of a small network, with `change` done to one of its computations. */
function changed(
  trial: FamilyTrial,
  part: "eager" | "again" | "cpu",
  change: (x: number) => number,
) {
  const copy = structuredClone(trial);
  const outcome = copy[part];
  if (!outcome?.ok) throw new Error("the step failed");
  outcome.value.digest = "other";
  const { values } = outcome.value.tensors.find(({ name }) => name.endsWith("filter/velocity"))!;
  values.forEach((x, i) => (values[i] = change(x)));
  return copy;
}

async function trialOf(arch: string, here = {}, elsewhere = here) {
  const env = process.env;
  const trials = selfTest([arch], { ...env, ...here }, true, { ...env, ...elsewhere });
  for await (const trial of trials) return trial;
  throw new Error("no trial");
}

let small: Promise<FamilyTrial> | undefined;

/** Of cnn-4 as this machine computes it, made once. */
const smallTrial = () => (small ??= trialOf("cnn-4"));

test("the same step agrees with itself; off by more than rounding, it does not", async () => {
  const trial = await smallTrial();
  expect(states(trial)).toEqual({ family: "ok", gpu: "ok", onCpu: "ok", onGpu: "ok" });
  expect(states({ ...trial, cpu: null })).toMatchObject({ gpu: undefined });

  const wrong = changed(trial, "eager", (x) => x * 1.001);
  expect(familyCheck(wrong, MEND)).toMatchObject({ state: "fail", mend: MEND });
  expect(familyCheck(wrong, MEND).says).toMatch(
    /filter\/velocity is off by 1e-3 \(allowed 0.0001\)/,
  );
  expect(states(changed(trial, "eager", (x) => x * 1.00001)).family).toBe("ok");

  expect(states(changed(trial, "cpu", (x) => x * 1.001)).gpu).toBe("ok");
  expect(states(changed(trial, "cpu", (x) => x * 1.1)).gpu).toBe("fail");

  const near = states(changed(trial, "again", (x) => x * 1.000001));
  expect(near).toMatchObject({ onCpu: "fail", onGpu: "warn" });
  expect(states(changed(trial, "again", (x) => -x))).toMatchObject({ onGpu: "fail" });

  const broken = changed(trial, "eager", () => NaN);
  expect(familyCheck(broken, MEND)).toMatchObject({ state: "fail" });
  expect(familyFigures(broken)).toMatchObject({ eager: null, again: 0, identical: true });
});

test.runIf(process.platform === "linux")(
  "a process whose library sums in another order is seen, and is near enough for another device",
  async () => {
    // Said on both sides: TensorFlow's own choice depends on the processor.
    const oneDnn = (on: string) => ({ TF_ENABLE_ONEDNN_OPTS: on });
    const trial = await trialOf("cnn-4", oneDnn("1"), oneDnn("0"));
    expect(familyFigures(trial)).toMatchObject({ identical: false });
    const determinism = determinismCheck([trial], false);
    expect(determinism).toMatchObject({ state: "fail", mend: "export TF_ENABLE_ONEDNN_OPTS=0" });
    expect(determinismCheck([trial], true).state).toBe("warn");
    expect(gpuCheck([{ ...trial, cpu: trial.again }], MEND)).toMatchObject({ state: "ok" });
  },
);

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "the graph is TensorFlow's, which sums in another order than operation by operation",
  async () => {
    const { graph, eager } = await smallTrial();
    expect(graph.ok && eager.ok && graph.value.digest !== eager.value.digest).toBe(true);
  },
);

test("a step that throws fails with its words, and the process lives on", async () => {
  const engine = new EngineProcess(process.env);
  expect((await engine.library).ok).toBe(true);
  const refused = await engine.ask({ ask: "step", arch: "mpl-16", how: "graph" });
  expect(refused).toMatchObject({ ok: false });
  const step = await engine.ask({ ask: "step", arch: "mlp-16", how: "graph" });
  expect(step).toMatchObject({ ok: true, value: { arch: "mlp-16" } });
  const trial = { arch: "mpl-16", graph: refused, eager: step, again: step, cpu: null };
  expect(familyCheck(trial, MEND).says).toMatch(/fails: mpl-16: no such architecture/);
  expect(determinismCheck([trial], false)).toMatchObject({ state: "fail" });
  await engine.close();
});

test("a process that is killed at work is an answer, with its end", async () => {
  const engine = new EngineProcess(process.env);
  await engine.library;
  const step = engine.ask({ ask: "step", arch: "cnn-4", how: "graph" });
  await sleep(50);
  process.kill(engine.pid!, "SIGKILL");
  const words = expect.stringMatching(/^ended by SIGKILL \(out of memory/) as string;
  expect(await step).toEqual({ ok: false, words });
  expect(engine.alive).toBe(false);
  expect(await engine.ask({ ask: "rate", work: "matmul" })).toEqual({ ok: false, words });
  await engine.close();
});

test.runIf(process.platform === "linux")(
  "processes that die at one family are replaced for the next",
  async () => {
    const trials: FamilyTrial[] = [];
    for await (const trial of selfTest(["mlp-16", "mlp-8"], process.env, false)) {
      trials.push(trial);
      const engines = enginesOf(process.pid);
      for (const pid of engines) process.kill(pid, "SIGKILL");
      await expect.poll(() => engines.filter(isThere)).toEqual([]);
      await sleep(1000); // their pipes close
    }
    expect(trials.map(({ arch }) => arch)).toEqual(["mlp-16", "mlp-8"]);
    for (const trial of trials) expect(states(trial)).toMatchObject({ family: "ok", onCpu: "ok" });
  },
);

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Processes this one started to hold TensorFlow. */
function enginesOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [stat, words] = ["stat", "cmdline"].map((file) => readIfThere(`/proc/${pid}/${file}`));
      const ppid = Number(stat!.slice(stat!.lastIndexOf(")") + 2).split(" ")[1]);
      return ppid === parent && words!.includes("doctor/engine-child.ts");
    });
}

/** Other processes end while one looks at them. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
