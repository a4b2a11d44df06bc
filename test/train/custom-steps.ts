/**
 * @file Trains examples/ in a process of its own, as custom code is loaded by Node and not by a test runner, and prints
 * what came of it as one JSON document.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { writeSources } from "../../harness/custom-sources.ts";
import { loadParts } from "../../harness/train/custom-parts.ts";
import type { Trainer } from "../../harness/train/trainer.ts";
import { NO_ABLATIONS, canonicalConfiguration } from "../../record/configuration.ts";
import { NO_CUSTOM_CODE, nameOfSource, sourceDigest } from "../../record/custom-code.ts";
import { customName } from "../../record/custom-name.ts";
import { type TinyOptions, stateOf, tinyProtocol, tinyTrainer, trainSteps } from "./tiny.ts";

const read = (file: string) => readFileSync(`examples/${file}.ts`, "utf8");
const nameOf = (file: string) => customName(nameOfSource(file, sourceDigest(read(file))));

/** A trainer of `skip-mlp` or `mlp-8`; `decov` in `regs` stands for the example. */
async function trainerOf(arch: string, regs: string, options: TinyOptions = {}): Promise<Trainer> {
  const protocol = options.protocol ?? tinyProtocol();
  const own = {
    arch: /^(skip|tiny)/.test(arch),
    reg: /decov/.test(regs) && !regs.endsWith("decov=0"),
  };
  const source = own.arch ? read(arch) : null;
  const regSource = own.reg ? read("decov") : null;
  const code = {
    source: source && sourceDigest(source),
    regSource: regSource && sourceDigest(regSource),
  };
  const words = regs.replace("decov", nameOf("decov"));
  const name = own.arch ? nameOf(arch) : arch;
  const configuration = canonicalConfiguration(protocol, {
    ...{ arch: name, regs: words, seeds: [1], threads: 1, engine: "cpu", limit: null, save: [] },
    ...{ ablations: NO_ABLATIONS, ...code, customTaps: own.arch ? ["unknown"] : null },
  });
  const folder = mkdtempSync(join(tmpdir(), "rademark-steps-"));
  try {
    writeSources(folder, { source, regSource });
    const allowed = [code.source, code.regSource].filter((digest) => digest !== null);
    const unnamed = { ...configuration, customTaps: null };
    const loaded = await loadParts(folder, unnamed, { allowed, names: null });
    const { customTaps } = loaded.configuration;
    const all = { ...NO_CUSTOM_CODE, ...code, customTaps };
    return tinyTrainer(name, words, { ...options, protocol, own: loaded.own, code: all });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** State after two steps, and what they counted. */
async function after(arch: string, regs: string, options: TinyOptions = {}) {
  const trainer = await trainerOf(arch, regs, options);
  trainer.start(3);
  await trainSteps(trainer, 0, 0, 2);
  const counted = trainer.counted(2);
  const state = stateOf(trainer);
  trainer.close();
  return { counted, state };
}

/** Largest difference of a variable, as a share of its largest entry, at least 0.01. */
function apart(a: Map<string, ArrayLike<number>>, b: Map<string, ArrayLike<number>>): number {
  const each = [...a].map(([name, values]) => {
    const other = b.get(name)!;
    const top = Math.max(0.01, ...Array.from(values, Math.abs));
    return Math.max(...Array.from(values, (value, i) => Math.abs(value - other[i]!))) / top;
  });
  return Math.max(...each);
}

const ALL = "wd=0.01,dropout=0.2,ls=0.1,aug,mixup=0.2,cutmix=1,sam=0.1,rl=1@1,decov=0.1";

async function recordedAndEager() {
  const pairs = [
    ["skip-mlp", ALL],
    ["tiny-transformer", ALL],
    ["cnn-2", ALL],
  ] as const;
  const found = [];
  for (const [arch, regs] of pairs) {
    // Clipped, frozen heads and all.
    const options = { protocol: tinyProtocol({ frozenHeads: true, clipNorm: 0.5 }) };
    const graph = await after(arch, regs, options);
    const eager = await after(arch, regs, { ...options, open: runEagerly });
    const counts = [graph, eager].map(({ counted }) => ({ ...counted, lossSum: 0 }));
    found.push({ arch, apart: apart(eager.state, graph.state), counts });
  }
  return found;
}

/** DeCov in float64 of z [m, D], by its definition: half the squared covariances of all pairs i != j. */
function decovOf(z: readonly (readonly number[])[]): number {
  const [m, width] = [z.length, z[0]!.length];
  const mean = (f: (row: readonly number[]) => number) => z.reduce((s, row) => s + f(row), 0) / m;
  const means = Array.from({ length: width }, (_, i) => mean((row) => row[i]!));
  let sum = 0;
  for (let i = 0; i < width; i++)
    for (let j = 0; j < width; j++)
      if (i !== j) sum += mean((row) => (row[i]! - means[i]!) * (row[j]! - means[j]!)) ** 2;
  return sum / 2;
}

const SAMPLES = 40;
/** One batch is the whole data set, so that order does not matter. */
const WHOLE = { protocol: tinyProtocol({ batch: SAMPLES, clipNorm: null }) };

function decovAt(trainer: Trainer): number {
  const rows = [0, 16, 32].flatMap((from) => {
    const batch = Int32Array.from({ length: 16 }, (_, i) => (from + i) % SAMPLES);
    const values = Array.from(trainer.session.run("evaluate-train", { rows: batch })["tap2"]!);
    return Array.from({ length: 16 }, (_, i) => values.slice(8 * i, 8 * i + 8));
  });
  return decovOf(rows.slice(0, SAMPLES));
}

/** By how much one step moves every variable with `decov=STRENGTH` beyond what it moves without. */
async function moves(strength: number) {
  const [without, with_] = await Promise.all(
    ["none", `decov=${strength}`].map(async (regs) => {
      const trainer = await trainerOf("mlp-8", regs, WHOLE);
      trainer.start(3);
      await trainSteps(trainer, 0, 0, 1);
      const state = stateOf(trainer);
      trainer.close();
      return state;
    }),
  );
  return new Map(
    [...without!].map(([name, values]) => [
      name,
      Array.from(values, (value, i) => with_!.get(name)![i]! - value),
    ]),
  );
}

/** Gradients of the definition by central differences, beside what the step's moves say. */
async function gradients() {
  const moved = await moves(2);
  const half = await moves(1);
  const trainer = await trainerOf("mlp-8", "none", WHOLE);
  trainer.start(3);
  const variable = trainer.built.state.find(({ name }) => name === "trunk/dense2/weights")!;
  const initial = Float32Array.from(trainer.session.read([variable])[0]!);
  const own = moved.get(variable.name)!;
  const largest = [...own.keys()].sort((a, b) => Math.abs(own[b]!) - Math.abs(own[a]!)).slice(0, 6);
  const at = (i: number, h: number) => {
    const values = initial.slice();
    values[i]! += h;
    trainer.session.write(variable, values);
    return decovAt(trainer);
  };
  const slopes = largest.map((i) => (at(i, 0.01) - at(i, -0.01)) / 0.02);
  trainer.close();
  const still = [...moved].filter(([, values]) => values.every((value) => value === 0));
  return {
    // A first step of momentum moves by -rate times the gradient: all ratios are the rate.
    rates: largest.map((i, k) => -own[i]! / (2 * slopes[k]!)),
    doubled: largest.map((i) => own[i]! / half.get(variable.name)![i]!),
    still: still.map(([name]) => name),
    moved: [...moved.keys()].filter((name) => !still.some(([other]) => other === name)),
  };
}

async function idle() {
  const none = await after("mlp-8", "none");
  const zero = await after("mlp-8", "decov=0");
  return apart(none.state, zero.state);
}

const document = {
  compared: await recordedAndEager(),
  gradients: await gradients(),
  idle: await idle(),
};
export type Steps = typeof document;

process.stdout.write(JSON.stringify(document));
