/**
 * @file Tries a researcher's own architecture or regularizer before anything is trained: a step on a few images, eagerly
 * and recorded, from several loadings of its file that have to agree.
 */

import { UserError } from "../errors.ts";
import { hash32 } from "../../record/random.ts";
import { runEagerly } from "../engine/eager-session.ts";
import type { Session, Variable } from "../engine/program.ts";
import { recordProgram } from "../engine/recorded-session.ts";
import type { Values } from "../engine/tensorflow.ts";
import { mixNumbers } from "./images.ts";
import { type TrainingPlan, labelSpaces } from "./plan.ts";
import { type TrainingProgram, trainingProgram } from "./training-program.ts";

/** What is known of a configuration once its code was tried. */
export interface Inspected {
  /** By name, in order of depth. */
  taps: string[];
  /** D_t of each. */
  widths: number[];
  /** Parameters of trunk and class head. */
  parameters: number;
}

/**
 * @param load the configuration's plan, with its files loaded anew.
 * @param files named in messages that no line can be named for.
 * @throws UserError saying what is wrong with the code.
 */
export async function inspect(
  load: () => Promise<{ plan: TrainingPlan; taps: string[] }>,
  files: readonly string[],
): Promise<Inspected> {
  const file = files.join(" with ");
  const [first, second, third] = [await load(), await load(), await load()];
  const two = tried(first.plan, { images: 2, open: runEagerly, steps: true }, file);
  requireFinite(two, first.taps, file);
  const three = tried(second.plan, { images: 3, open: runEagerly, steps: false }, file);
  requireSame(two.built.network.net.parameters, three.built.network.net.parameters, file);
  requireApart(two, three, first.taps, file);
  const recorded = tried(third.plan, { images: 2, open: recordProgram, steps: true }, file);
  requireRecorded(two, recorded, file);
  const { net, trunk } = two.built.network;
  return { taps: first.taps, widths: [...trunk.tapWidths], parameters: net.size };
}

interface Trial {
  built: TrainingProgram;
  /** Of each tap, [images, D_t], in evaluation at initialization. */
  taps: Values[];
  /** The same, computed again. */
  again: Values[];
  /** After one step of training; none where none was asked for. */
  trained: Map<Variable, Values>;
}

/** Rows of the data set that the trials make up. */
const ROWS = 4;

const KEY = Int32Array.of(7, 0);

function tried(
  plan: TrainingPlan,
  how: { images: number; open: (program: TrainingProgram["program"]) => Session; steps: boolean },
  file: string,
): Trial {
  const { images } = how;
  const tiny = { ...plan, protocol: { ...plan.protocol, batch: images } };
  const sizes = { stepsPerCall: 1, evaluateBatch: images, streamed: true };
  return inItsName(file, () => {
    const built = trainingProgram(tiny, sizes);
    const session = how.open(built.program);
    try {
      writeTables(session, built, plan);
      session.run("initialize", { key: KEY });
      const feeds = { rows: Int32Array.from({ length: images }, (_, i) => i) };
      const batch = { ...feeds, pixels: madeImages(plan, images) };
      const evaluate = () => {
        const outputs = session.run("evaluate-train", batch);
        return built.network.trunk.tapWidths.map((_, i) => outputs[`tap${i + 1}`]!);
      };
      const [taps, again] = [evaluate(), evaluate()];
      if (how.steps) session.run("train", { ...batch, ...stepFeeds(plan) });
      const parameters = built.network.net.parameters.map(({ variable }) => variable);
      const values = how.steps ? session.read(parameters) : [];
      const trained = new Map(values.map((value, i) => [parameters[i]!, value]));
      return { built, taps, again, trained };
    } finally {
      session.close();
    }
  });
}

/** What fails outside of the author's own lines, such as a gradient, still is about the author's file. */
function inItsName<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const isTold = file.split(" with ").some((name) => String(error).includes(name));
    if (error instanceof UserError && isTold) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `${file}: ${message.replace(/Invalid TF_Status: \d+\s*Message: /, "")}`,
      2,
      {
        cause: error,
      },
    );
  }
}

function writeTables(session: Session, { tables }: TrainingProgram, plan: TrainingPlan): void {
  const rows = Int32Array.from({ length: ROWS }, (_, i) => i % plan.protocol.classes);
  for (const split of ["train", "test"] as const)
    session.write(tables.classes[split], rows, [ROWS]);
  for (const { n, draws } of labelSpaces(plan.heads)) {
    const labels = Int32Array.from({ length: ROWS * draws }, (_, i) => i % n);
    session.write(tables.randomLabels.get(n)!, labels, [ROWS, draws]);
  }
}

function stepFeeds({ regularizers, protocol }: TrainingPlan): Record<string, Values> {
  const mixes = regularizers.mixup > 0 || regularizers.cutmix > 0;
  const mix = () => Float32Array.from(mixNumbers(regularizers, protocol.image, 7, 0));
  return { rates: Float32Array.of(0.01), key: KEY, ...(mixes ? { mix: mix() } : {}) };
}

/** Noise as the protocol's images are stored. */
function madeImages({ protocol }: TrainingPlan, images: number): Values {
  const { height, width, channels } = protocol.image;
  const { mean, std } = protocol.normalize;
  const length = images * height * width * channels;
  const noise = (i: number) => hash32(7, i) & 255;
  const isFloat = typeof protocol.dataset !== "string" && protocol.dataset.values === "float32";
  if (!isFloat) return Uint8Array.from({ length }, (_, i) => noise(i));
  return Float32Array.from({ length }, (_, i) => {
    const channel = i % channels;
    return mean[channel]! + std[channel]! * (noise(i) / 64 - 2);
  });
}

function requireFinite({ taps, trained }: Trial, names: readonly string[], file: string): void {
  const tap = taps.findIndex((values) => !values.every(Number.isFinite));
  if (tap >= 0)
    throw new UserError(`${file}: tap "${names[tap]}" is not finite at initialization.`);
  for (const [{ name }, values] of trained)
    if (!values.every(Number.isFinite))
      throw new UserError(
        `${file}: after one step of training ${shortName(name)} is not finite: its gradient is infinite or NaN at initialization.`,
      );
}

type Parameters = TrainingProgram["network"]["net"]["parameters"];

function requireSame(a: Parameters, b: Parameters, file: string): void {
  const told = (parameters: Parameters) =>
    parameters.map(({ variable, initial }) => JSON.stringify([variable, initial]));
  const [before, now] = [told(a), told(b)];
  const at = before.findIndex((each, i) => each !== now[i]);
  if (at < 0 && before.length === now.length) return;
  const name = shortName((a[at] ?? b[before.length])!.variable.name);
  throw new UserError(
    `${file}: built twice, it made different parameters (${name}): it must depend on net, image and options alone.`,
  );
}

const shortName = (name: string) => name.replace(/^trunk\//, "");

/** Shares of the largest value that rounding, in another order of sums, may move. */
const CLOSE = { taps: 2e-3, trained: 0.05 };

/** Three loadings of the file, and batches of two sizes, have to give the same features. */
function requireApart(two: Trial, three: Trial, names: readonly string[], file: string): void {
  for (const [i, values] of two.taps.entries()) {
    const tap = `${file}: tap "${names[i]}"`;
    if (distance(values, two.again[i]!) > 0)
      throw new UserError(
        `${tap} is different when it is computed again: it keeps something between passes.`,
      );
    if (distance(values, three.taps[i]!.subarray(0, values.length)) > CLOSE.taps)
      throw new UserError(
        `${tap} depends, in evaluation, on the other images of its batch (2 and 3 were tried), or on something that ` +
          "differs each time the file is loaded. Each image must be computed by itself.",
      );
  }
}

function requireRecorded(eager: Trial, recorded: Trial, file: string): void {
  const pairs: [string, Values, Values, number][] = [
    ...eager.taps.map((values, i): [string, Values, Values, number] => [
      `tap ${i + 1}`,
      values,
      recorded.taps[i]!,
      CLOSE.taps,
    ]),
    ...[...eager.trained].map(([{ name }, values], i): [string, Values, Values, number] => [
      shortName(name),
      values,
      [...recorded.trained.values()][i]!,
      CLOSE.trained,
    ]),
  ];
  const broken = pairs.find(([, a, b, limit]) => distance(a, b) > limit);
  if (broken)
    throw new UserError(
      `${file}: recorded as a graph it computes something else (${broken[0]}): what it does must not depend on values, ` +
        "or on how often it was called.",
    );
}

/** Largest difference, as a share of the largest value. */
function distance(a: Values, b: Values): number {
  let [apart, top] = [0, 1e-6];
  for (const [i, value] of a.entries()) {
    apart = Math.max(apart, Math.abs(value - b[i]!));
    top = Math.max(top, Math.abs(value));
  }
  return apart / top;
}
