/**
 * @file `node replicate/memorised-images.ts`: the run that the site's first page shows, epoch by epoch, as
 * site/data/landing/memorised-images.json has it. micro-1's rules on Fashion-MNIST, mlp-256, seed 1; half a minute of
 * processor time. Again on the same kind of processor it gives the same counts.
 */

import "./one-thread.ts";
import { encode } from "fast-png";
import { NO_ABLATIONS, canonicalConfiguration } from "../record/configuration.ts";
import { deriveProtocol } from "../record/derived-protocol.ts";
import { findProtocol, protocolId } from "../record/protocols.ts";
import { loadDataset } from "../harness/data/cached-dataset.ts";
import { recordProgram } from "../harness/engine/recorded-session.ts";
import { evaluateRun } from "../harness/train/evaluation.ts";
import { trainingPlan } from "../harness/train/plan.ts";
import { residentSamples } from "../harness/train/samples.ts";
import { Trainer } from "../harness/train/trainer.ts";
import { callSizes } from "../harness/train/training-program.ts";

const ARCH = "mlp-256";
const SEED = 1;

/** The first training image of each of the first eight classes is shown: a rule that looks at no result. */
const SHOWN = 8;

const protocol = deriveProtocol(findProtocol("micro-1"), ["dataset=fashion-mnist"]);
const dataset = await loadDataset("fashion-mnist");
const samples = residentSamples(dataset, protocol);
const configuration = canonicalConfiguration(protocol, {
  ...{ arch: ARCH, regs: "none", seeds: [SEED], threads: 1, engine: "cpu", limit: null, save: [] },
  ...{ measures: false, ablations: NO_ABLATIONS },
});
const plan = trainingPlan(protocol, configuration);
const [m, tests] = [samples.trainIndices.length, samples.testClasses.length];
const trainer = new Trainer(plan, samples, {
  ...callSizes(plan, m / protocol.batch),
  open: recordProgram,
});
const rows = Array.from({ length: SHOWN }, (_, label) => samples.trainClasses.indexOf(label));
const head = plan.heads.findIndex(
  ({ tap, n, draw }) => tap === plan.taps && n === protocol.headline && draw === 0,
);

/** In evaluation mode: shares of samples, and which of the shown images' random labels the head gives. */
async function seen() {
  const { final, classCorrect, randomLabelCorrect } = await evaluateRun(trainer);
  const known = randomLabelCorrect[head]!;
  const share = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0) / m;
  const shares = {
    randomLabels: share(known),
    train: share(classCorrect),
    test: final.testCorrect / tests,
  };
  return { ...shares, known: rows.map((row) => known[row]!) };
}

trainer.start(SEED);
const epochs = [await seen()];
for (let epoch = 0; epoch < protocol.epochs; epoch++) {
  for await (const _ of trainer.train(epoch));
  epochs.push(await seen());
}
const { height, width } = protocol.image;
const size = height * width;
const told = trainer.labels.get("random-label", protocol.headline, 0);
const images = rows.map((row) => ({
  index: samples.trainIndices[row]!,
  class: samples.trainClasses[row]!,
  randomLabel: told[row]!,
  png: greyPng(samples.resident!.train.slice(row * size, (row + 1) * size) as Uint8Array),
}));
trainer.close();
const document = {
  ...{ protocol: protocolId(protocol), base: "micro-1", dataset: "fashion-mnist" },
  ...{ digests: protocol.digests, arch: ARCH, regs: "none", seed: SEED },
  ...{ samples: m, tests, n: protocol.headline, height, width, images, epochs },
};
process.stdout.write(`${JSON.stringify(document)}\n`);

/** In base64. @param data one byte a pixel, row by row. */
function greyPng(data: Uint8Array): string {
  const png = encode({ width, height, channels: 1, depth: 8, data }, { zlib: { level: 9 } });
  return Buffer.from(png).toString("base64");
}
