/** @file `rademark probe`: random-label controls of features made anywhere. */

import { resolve } from "node:path";
import { EXIT } from "../../errors.ts";
import type { ProbeProgress } from "../../probe/probe.ts";
import { formatProbe } from "../../probe/probe-text.ts";
import { commonArguments, defineCommand, jsonArgument, text, wholeNumber } from "../command.ts";
import { formatPercent } from "../../format.ts";
import type { Effects } from "../../effects.ts";
import { createPainter } from "../progress.ts";

const file = (summary: string) => ({ summary, placeholder: "FILE", read: text });

export const command = defineCommand({
  meta: {
    details:
      "Measures how easily arbitrary labels can be separated on these features. docs/probe.md shows how to\n" +
      "write the files from PyTorch, and says what every number means.",
    examples: [
      "rademark probe --features train.npy",
      "rademark probe --features train.npy --labels y.npy --test-features test.npy --test-labels y-test.npy",
      "rademark probe --features layers.safetensors --labels y.npy --json",
    ],
  },
  args: {
    features: file(
      "features of the training samples, [samples, width]; a safetensors file holds one tensor a tap",
    ),
    labels: { ...file("their class labels, [samples], whole numbers"), fallback: null },
    testFeatures: { ...file("features of samples held out"), fallback: null },
    testLabels: { ...file("their class labels"), fallback: null },
    seed: {
      summary: "seed of the random labels",
      placeholder: "NUMBER",
      read: wholeNumber(0),
      fallback: 1,
    },
    n: {
      summary: "numbers of random classes, separated by commas (default 2,10,100,1000)",
      placeholder: "LIST",
      separator: ",",
      read: readLabelSpaces,
      fallback: [2, 10, 100, 1000],
    },
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ json, quiet, n, config: _, ...options }, effects) {
    const path = (name: string | null) => (name === null ? null : resolve(effects.cwd, name));
    // All heavy computations are in float64, for which oneDNN has no kernels; with it, TensorFlow prints a notice.
    process.env["TF_ENABLE_ONEDNN_OPTS"] ??= "0";
    process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
    const { runProbe } = await import("../../probe/probe.ts");
    const progress = createProgress(effects, quiet);
    const document = runProbe(
      {
        features: path(options.features)!,
        labels: path(options.labels),
        testFeatures: path(options.testFeatures),
        testLabels: path(options.testLabels),
        seed: options.seed,
        labelSpaces: n,
      },
      progress.onProgress,
    );
    progress.end();
    effects.out(json ? `${JSON.stringify(document, null, 2)}\n` : formatProbe(document));
    return EXIT.ok;
  },
});

/** Least time between two lines that a pipe or a log gets. */
const PLAIN_MILLISECONDS = 10_000;

function createProgress(effects: Effects, quiet: boolean) {
  const painter = createPainter(effects);
  let printedAt = effects.now();
  return {
    onProgress: ({ tap, taps, share }: ProbeProgress): void => {
      const line = `tap ${tap} of ${taps}  ${formatPercent(share)}`;
      if (quiet) return;
      if (effects.terminal) return painter.repaint([line]);
      if (effects.now() - printedAt < PLAIN_MILLISECONDS) return;
      printedAt = effects.now();
      painter.print(line);
    },
    end: () => painter.clear(),
  };
}

function readLabelSpaces(list: string): number[] {
  return [...new Set(list.split(",").map((size) => wholeNumber(2, 10_000)(size.trim())))];
}
