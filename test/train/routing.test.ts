import { expect, test } from "vitest";
import type { Trainer } from "../../harness/train/trainer.ts";
import { stateOf, tinyProtocol, tinyTrainer, trainSteps } from "./tiny.ts";

/** Clipping couples all gradients through the joint norm, which hides where one comes from. */
const unclipped = tinyProtocol({ clipNorm: null });

/** Trains `warm` for an epoch, gives its state to both, and runs one more step of each. */
async function oneStepApart(first: Trainer, second: Trainer) {
  first.start(1);
  second.start(1);
  await trainSteps(first, 0, 0, 5);
  const values = first.session.read(first.built.state);
  for (const [i, variable] of second.built.state.entries())
    second.session.write(variable, values[i]!);
  for (const trainer of [first, second]) await trainSteps(trainer, 1, 0, 1);
  const states = [stateOf(first), stateOf(second)] as const;
  first.close();
  second.close();
  return states;
}

/** Two graphs may sum in another order, so equal means within a few units in the last place. */
const changed = (a: Map<string, ArrayLike<number>>, b: Map<string, ArrayLike<number>>) =>
  [...a.keys()].filter((name) => {
    const [x, y] = [Array.from(a.get(name)!), b.get(name)!];
    const top = Math.max(...x.map(Math.abs));
    return x.some((value, i) => Math.abs(value - y[i]!) > 1e-6 * top);
  });

test.each(["mlp-16", "cnn-4"])(
  "%s learns its classes alike with heads and without",
  async (arch) => {
    const probed = tinyTrainer(arch, "none");
    const bare = tinyTrainer(arch, "none", { protocol: tinyProtocol({ heads: [] }) });
    for (const trainer of [probed, bare]) {
      trainer.start(7);
      await trainSteps(trainer, 0, 0, 5);
      await trainSteps(trainer, 1, 0, 5);
    }
    const [withHeads, without] = [stateOf(probed), stateOf(bare)];
    for (const [name, values] of without)
      if (name !== "counts") expect(withHeads.get(name), name).toEqual(values);
    expect(withHeads.size).toBeGreaterThan(without.size);
    probed.close();
    bare.close();
  },
);

test.each(["rl=10", "rl=10:confusion", "rl=10:reversal"])(
  "%s moves the trunk and leaves every head's update alone",
  async (regs) => {
    const plain = tinyTrainer("cnn-4", "none", { protocol: unclipped });
    const suppressed = tinyTrainer("cnn-4", regs, { protocol: unclipped });
    const moved = changed(...(await oneStepApart(plain, suppressed)));
    expect(moved).toContain("trunk/conv1/filter");
    expect(moved.filter((name) => name.startsWith("heads/"))).toEqual([]);
  },
);

test("suppression at tap 1 reaches nothing above tap 1", async () => {
  const plain = tinyTrainer("cnn-4", "none", { protocol: unclipped });
  const suppressed = tinyTrainer("cnn-4", "rl=10@1", { protocol: unclipped });
  const moved = changed(...(await oneStepApart(plain, suppressed)));
  expect(moved).toContain("trunk/conv1/filter");
  expect(moved.filter((name) => /conv[23]|norm[23]|class-head/.test(name))).toEqual([]);
});

test("heads ignore clipping and weight decay of the class task", async () => {
  const plain = tinyTrainer("cnn-4", "none", { protocol: unclipped });
  const decayed = tinyTrainer("cnn-4", "wd=0.5", {
    protocol: tinyProtocol({ clipNorm: 1e-3 }),
  });
  const moved = changed(...(await oneStepApart(plain, decayed)));
  expect(moved).toContain("trunk/conv1/filter");
  expect(moved.filter((name) => name.startsWith("heads/"))).toEqual([]);
});

test("suppression lowers the fit of the labels it is told, and training without raises it", async () => {
  const accuracy = async (regs: string) => {
    const trainer = tinyTrainer("mlp-64", regs, { protocol: tinyProtocol({ epochs: 40 }) });
    trainer.start(1);
    for (let epoch = 0; epoch < 40; epoch++) await trainSteps(trainer, epoch, 0, 5);
    const { online, seen } = trainer.counted(200);
    const head = trainer.plan.heads.findIndex((h) => h.tap === 2 && h.n === 100 && h.draw === 0);
    trainer.close();
    return online[head]! / seen;
  };
  const [free, suppressed] = [await accuracy("none"), await accuracy("rl=100")];
  expect(free).toBeGreaterThan(0.3);
  expect(suppressed).toBeLessThan(free / 3);
});
