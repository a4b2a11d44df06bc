import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { Child, startHere } from "../../bench/training/contestants.ts";
import { turnsOf } from "../../bench/training/race.ts";

const folder = mkdtempSync(join(tmpdir(), "rademark-test-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pythonSide = fileURLToPath(new URL("../../bench/training/python", import.meta.url));

/** A Python process with an engine of a few lines. */
function startPython(engine: string): Promise<Child> {
  const path = join(folder, "engine.py");
  writeFileSync(path, `import time\nfrom serve import serve\n${engine}\n`);
  const env = { ...process.env, PYTHONPATH: pythonSide };
  return Child.start({ name: "toy", command: "python3", args: [path], env });
}

test("Python's side builds a model once, times its steps, and keeps its chatter off the pipe", async () => {
  const child = await startPython(`
def prepare(model, batch):
    print("building", model)
    def step(i):
        time.sleep(0.01)
        return 0.0
    return step
serve({"toy": "1"}, prepare, lambda size: float(size))`);
  try {
    expect(child.hello).toEqual({ toy: "1" });
    const steps = { ask: "steps", model: "m", batch: 1 } as const;
    expect((await child.ask<"steps">({ ...steps, steps: 0 })).seconds).toBeLessThan(0.01);
    const { seconds } = await child.ask<"steps">({ ...steps, steps: 5 });
    expect(seconds).toBeGreaterThan(0.05);
    const take = await turnsOf(child, { model: "m", batch: 1 }, { ...EFFORT, turnSeconds: 0.1 });
    expect((await take()).seconds).toBeGreaterThan(0.01);
  } finally {
    await child.close();
  }
});

const EFFORT = { rounds: 1, turnSeconds: 0.05, patienceSeconds: 0 };

test("a contestant that dies is named, with its last words", async () => {
  const child = await startPython(`
def prepare(model, batch):
    raise SystemExit("no such model")
serve({}, prepare, None)`);
  const question = { ask: "steps", model: "m", batch: 1, steps: 1 } as const;
  await expect(child.ask<"steps">(question)).rejects.toThrow(/toy process died.*no such model/s);
  await child.close();
});

test("a program that is not there is named", async () => {
  const start = { name: "toy", command: "no-such-program", args: [], env: {} };
  await expect(Child.start(start)).rejects.toThrow(/toy process died.*no-such-program/s);
});

test("this product's side trains its own recorded step and tells JavaScript's share", async () => {
  const here = await startHere(1);
  try {
    const training = { model: "mlp-8", batch: 16, heads: "micro-1" } as const;
    const { seconds } = await here.ask<"steps">({ ask: "steps", ...training, steps: 10 });
    expect(seconds).toBeGreaterThan(0);
    const own = { ask: "processor", ...training, steps: 10 } as const;
    expect((await here.ask<"processor">(own)).processorSeconds).toBeGreaterThan(0);
    const answer = await here.ask<"javascript">({
      ask: "javascript",
      model: "mlp-8",
      batch: 16,
      steps: 10,
    });
    expect(answer.outsideSeconds).toBeGreaterThan(0);
    expect(answer.outsideSeconds).toBeLessThan(answer.seconds);
  } finally {
    await here.close();
  }
});
