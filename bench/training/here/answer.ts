/** @file Answers to the benchmark's questions about this product. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Run } from "../../../record/run.ts";
import { binding, tf, tidy } from "../../../harness/engine/tensorflow.ts";
import { ControlMeter } from "../../../harness/measure/controls.ts";
import { Ridge, inMemory } from "../../../harness/measure/ridge.ts";
import { runFiles } from "../../../harness/train/run-files.ts";
import { runSeed } from "../../../harness/train/run-seed.ts";
import type {
  Answers,
  Heads,
  LoaderAnswer,
  MemoryAnswer,
  ProcessorAnswer,
  Question,
  RecordAnswer,
  RunAnswer,
} from "../race-questions.ts";
import { librarySeconds } from "./library-clock.ts";
import { NO_ABLATIONS, canonicalConfiguration } from "../../../record/configuration.ts";
import { type Protocol, protocols } from "../../../record/protocols.ts";
import { stepsPerEpoch } from "../../../record/head-places.ts";
import { decodeImages } from "../../../harness/data/decoder-processes.ts";
import { protocolView } from "../../../harness/data/protocol-images.ts";
import { median } from "../race.ts";
import { writePhotographs } from "./photographs.ts";
import { recordProgram } from "../../../harness/engine/recorded-session.ts";
import { callSizes } from "../../../harness/train/training-program.ts";
import { trainingPlan } from "../../../harness/train/plan.ts";
import { Trainer } from "../../../harness/train/trainer.ts";
import { CASES } from "../cases.ts";
import { hash32 } from "../../../record/random.ts";
import { type Samples, residentSamples } from "../../../harness/train/samples.ts";

type Asked<K extends Question["ask"]> = Extract<Question, { ask: K }>;
const MEMORY_LOOKS = 10;

export async function answer(question: Question): Promise<Answers[Question["ask"]]> {
  switch (question.ask) {
    case "steps":
      return { seconds: await timeSteps(raceOf(question), question.steps) };
    case "processor":
      return processor(question);
    case "sgemm":
      return { seconds: sgemm(question) };
    case "javascript":
      return javascript(question);
    case "record":
      return record(question);
    case "memory":
      return memory(question);
    case "run":
      return wholeRun(question);
    case "refits":
      return refits(question);
    case "loader":
      return loader(question);
  }
}

/** Of one factorisation and all labellings; they are drawn while the clock runs, as in a run, but by a quicker hash. */
function refits({ samples, width, n, redraws }: Asked<"refits">): ProcessorAnswer {
  const values = Float32Array.from({ length: samples * width }, (_, i) => hash32(1, i) / 2 ** 32);
  const ridge = new Ridge(micro.measures.refit.penalty);
  try {
    const before = process.cpuUsage();
    ridge.factorise(inMemory(values, samples));
    const labelling = (k: number) => () =>
      Int32Array.from({ length: samples }, (_, i) => hash32(2, k, i) % n);
    ridge.correct(
      n,
      Array.from({ length: redraws }, (_, k) => labelling(k)),
    );
    const { user, system } = process.cpuUsage(before);
    return { processorSeconds: (user + system) / 1e6 };
  } finally {
    ridge.close();
  }
}

/** Of this process, for `steps` steps: calls hold several, so a few more may be run. */
async function processor(question: Asked<"processor">): Promise<ProcessorAnswer> {
  const training = await trainingOf(raceOf(question));
  const before = process.cpuUsage();
  const done = await training.run(question.steps);
  const { user, system } = process.cpuUsage(before);
  return { processorSeconds: ((user + system) / 1e6) * (question.steps / done) };
}

const raceOf = ({ model, batch, ...rest }: { model: string; batch: number }) => {
  const { heads = "one" } = rest as Pick<Asked<"steps">, "heads">;
  return { model, batch, heads };
};

function sgemm({ size, repeats }: Asked<"sgemm">): number {
  return tidy(() => {
    const a = tf.ones([size, size]);
    const start = performance.now();
    for (let i = 0; i < repeats; i++) tf.matMul(a, a).dataSync();
    return (performance.now() - start) / 1000;
  });
}

/** Time inside the session's calls counts as TensorFlow's, the rest as JavaScript's. */
async function javascript(question: Asked<"javascript">) {
  const training = await trainingOf(raceOf(question));
  const [start, inside] = [performance.now(), librarySeconds()];
  await training.run(question.steps);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, outsideSeconds: seconds - (librarySeconds() - inside) };
}

async function record({ model, batch }: Asked<"record">): Promise<RecordAnswer> {
  const start = performance.now();
  const trainer = raceTrainer({ model, batch, heads: "one" });
  const loaded = performance.now();
  try {
    await trainer.train(0, 0, trainer.sizes.stepsPerCall).next();
    const stepped = performance.now();
    return {
      recordAndLoadSeconds: (loaded - start) / 1000,
      firstStepSeconds: (stepped - loaded) / 1000,
    };
  } finally {
    trainer.close();
  }
}

async function memory(question: Asked<"memory">): Promise<MemoryAnswer> {
  const training = await trainingOf(raceOf(question));
  const seen: MemoryAnswer = { steps: [], tensors: [], residentBytes: [] };
  let done = 0;
  for (let look = 0; look <= MEMORY_LOOKS; look++) {
    seen.steps.push(done);
    seen.tensors.push(binding.getNumOfTensors());
    seen.residentBytes.push(process.memoryUsage.rss());
    if (look < MEMORY_LOOKS) done += await training.run(question.steps / MEMORY_LOOKS);
  }
  return seen;
}

async function wholeRun({ model, measures = false }: Asked<"run">): Promise<RunAnswer> {
  const outputFolder = mkdtempSync(join(tmpdir(), "rademark-bench-"));
  const trainer = microTrainer(model, measures);
  try {
    await runSeed(trainer, new ControlMeter(), {
      outputFolder,
      configuration: benchConfiguration(trainer.plan.protocol, model, measures),
      seed: 1,
      stopping: () => Promise.resolve(false),
      onEpoch: () => undefined,
      onControls: () => undefined,
    });
    const { final } = runFiles(outputFolder, 1);
    const { imagesPerSecond: _, ...seconds } = Run.parse(
      JSON.parse(readFileSync(final, "utf8")),
    ).timing;
    return seconds;
  } finally {
    trainer.close();
    rmSync(outputFolder, { recursive: true, force: true });
  }
}

/** Decoding takes the processes that a run with this process's threads has; training is fed the same noise at each step. */
async function loader({ model, batch, files, rounds }: Asked<"loader">): Promise<LoaderAnswer> {
  const protocol = { ...protocols["imagenet-1"]!, name: "imagenet-1+bench", batch };
  const root = mkdtempSync(join(tmpdir(), "rademark-bench-"));
  const training = new EndlessTraining(
    openTrainer(protocol, model, streamedNoise(protocol, 4 * batch)),
  );
  try {
    const written = await writePhotographs(root, files);
    const decode = (key: number) =>
      decodeImages({
        root,
        paths: Array.from({ length: batch }, (_, row) => written[row % files]!),
        indices: Int32Array.from({ length: batch }, (_, row) => row),
        key,
        view: protocolView(protocol),
      });
    await decode(0);
    await training.run(1);
    const rates: Record<keyof LoaderAnswer, number[]> = { decoded: [], trained: [] };
    for (let round = 1; round <= rounds; round++) {
      const start = performance.now();
      await Promise.all([decode(2 * round), decode(2 * round + 1)]);
      const decoded = performance.now();
      await training.run(2);
      rates.decoded.push((2 * batch * 1000) / (decoded - start));
      rates.trained.push((2 * batch * 1000) / (performance.now() - decoded));
    }
    return { decoded: median(rates.decoded), trained: median(rates.trained) };
  } finally {
    training.trainer.close();
    rmSync(root, { recursive: true, force: true });
  }
}

function streamedNoise(protocol: Protocol, count: number): Samples {
  const { height, width, channels } = protocol.image;
  const pixels = noise(protocol.batch * height * width * channels, 1);
  const classes = Int32Array.from({ length: count }, (_, i) => i % protocol.classes);
  return {
    trainIndices: Int32Array.from(classes.keys()),
    trainClasses: classes,
    testClasses: classes,
    resident: null,
    pixels: () => pixels,
  };
}

/** Calls before the clock counts: TensorFlow optimizes the graph at the first. */
const WARM_UP_CALLS = 3;

/** Goes through epochs without end; the counts are read after each, as in a run. */
class EndlessTraining {
  readonly trainer: Trainer;
  #steps: AsyncGenerator<void> | null = null;

  constructor(trainer: Trainer) {
    this.trainer = trainer;
  }

  /** Trains at least this many steps. @returns how many. */
  async run(steps: number): Promise<number> {
    this.#steps ??= this.#calls();
    let done = 0;
    for (; done < steps; done += this.trainer.sizes.stepsPerCall) await this.#steps.next();
    return done;
  }

  async *#calls(): AsyncGenerator<void> {
    for (let epoch = 0; ; epoch++) {
      for await (const step of this.trainer.train(epoch)) {
        void step;
        yield;
      }
      this.trainer.counted(this.trainer.steps);
    }
  }
}

const ready = new Map<string, EndlessTraining>();

/** The training of a race, built and warmed up at the first call, then kept. */
async function trainingOf(race: Race): Promise<EndlessTraining> {
  const key = JSON.stringify(race);
  const known = ready.get(key);
  if (known) return known;
  const training = new EndlessTraining(raceTrainer(race));
  await training.run(WARM_UP_CALLS * training.trainer.sizes.stepsPerCall);
  ready.set(key, training);
  return training;
}

/** Seconds a step takes, times `steps`: calls hold several steps, so a few more may be run. */
async function timeSteps(race: Race, steps: number): Promise<number> {
  const training = await trainingOf(race);
  const start = performance.now();
  const done = await training.run(steps);
  const seconds = (performance.now() - start) / 1000;
  return done > 0 ? (seconds * steps) / done : 0;
}

const micro = protocols["micro-1"]!;

/** Resident training images: ten or twenty steps an epoch. */
const IMAGES = 1280;

const HEADS: Record<Heads, Pick<Protocol, "heads" | "frozenHeads">> = {
  one: { heads: [{ n: 100, draws: 1, taps: "last" }], frozenHeads: false },
  "micro-1": { heads: micro.heads, frozenHeads: true },
  "micro-1 without frozen": { heads: micro.heads, frozenHeads: false },
  none: { heads: [], frozenHeads: false },
};

/** The product's own training step on a benchmark's model: the trainer that every run uses. */
interface Race {
  model: string;
  batch: number;
  heads: Heads;
}

/** Plain SGD with momentum on two losses, as the other libraries do: no clipping, decay or augmentation. */
function raceProtocol({ model, batch, heads }: Race): Protocol {
  const known = CASES.find(({ name }) => name === model);
  return {
    ...micro,
    name: "micro-1+bench",
    image: known?.image ?? micro.image,
    subset: null,
    batch,
    clipNorm: null,
    // A constant small rate keeps the weights finite over noise for as long as it takes.
    epochs: 100_000,
    learningRate: { ...micro.learningRate, peak: 0.01 },
    normalize: grey(known?.image.channels === 1),
    ...HEADS[heads],
  };
}

const grey = (isGrey: boolean): Protocol["normalize"] =>
  isGrey ? { mean: [0.5], std: [0.25] } : micro.normalize;

/** A trainer that has its weights and data; to be closed by the caller. */
function raceTrainer(race: Race): Trainer {
  const arch = CASES.find(({ name }) => name === race.model)?.arch ?? race.model;
  const protocol = raceProtocol(race);
  return openTrainer(protocol, arch, madeUpSamples(protocol, { train: IMAGES, test: 10 }));
}

/** micro-1 to the letter, but for the images. */
const microTrainer = (arch: string, measures: boolean): Trainer => {
  const train = micro.subset!.perClass * micro.classes;
  return openTrainer(micro, arch, madeUpSamples(micro, { train, test: 10_000 }), measures);
};

/** @returns a trainer whose seed has begun. */
function openTrainer(
  protocol: Protocol,
  arch: string,
  samples: Samples,
  measures = false,
): Trainer {
  const plan = trainingPlan(protocol, benchConfiguration(protocol, arch, measures));
  const steps = stepsPerEpoch(protocol, samples.trainIndices.length);
  const trainer = new Trainer(plan, samples, {
    ...callSizes(plan, steps),
    open: recordProgram,
  });
  trainer.start(1);
  return trainer;
}

const benchConfiguration = (protocol: Protocol, arch: string, measures: boolean) =>
  canonicalConfiguration(protocol, {
    arch,
    regs: "none",
    seeds: [1],
    threads: Number(process.env["TF_NUM_INTRAOP_THREADS"] ?? 2),
    engine: "cpu",
    limit: null,
    save: [],
    measures,
    ablations: NO_ABLATIONS,
  });

/** `train` and `test` images of the protocol's shape, the classes taking turns. */
function madeUpSamples(
  protocol: Protocol,
  { train, test }: { train: number; test: number },
): Samples {
  const { height, width, channels } = protocol.image;
  const split = (count: number, key: number) => ({
    images: noise(count * height * width * channels, key),
    labels: Uint8Array.from({ length: count }, (_, i) => i % protocol.classes),
  });
  return residentSamples({ train: split(train, 1), test: split(test, 2) }, protocol);
}

/** Uniform bytes. */
function noise(length: number, key: number): Uint8Array {
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, (_, i) => hash32(key, i));
  return new Uint8Array(words.buffer, 0, length);
}
