/** @file `rademark probe`: random-label controls of features made anywhere. */

import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import method from "../../../record/method.json" with { type: "json" };
import { bar } from "../../../setup/shared/bar.mjs";
import { EXIT, UserError } from "../../errors.ts";
import { MOST_DRAWS, MOST_FILES, REDRAWS } from "../../probe/probe-document.ts";
import type { ProbeOptions, ProbeProgress } from "../../probe/probe.ts";
import { formatProbe } from "../../probe/probe-text.ts";
import {
  commonArguments,
  defineCommand,
  flag,
  jsonArgument,
  text,
  wholeNumber,
} from "../command.ts";
import { formatBytes, formatDuration, formatPercent } from "../../format.ts";
import type { Effects } from "../../effects.ts";
import { createPainter } from "../progress.ts";

const { seed: SEED, labelSpaces: SPACES, largestN: LARGEST_N } = method.probe;

const file = (summary: string) => ({ summary, placeholder: "FILE", read: text });

export const command = defineCommand({
  meta: {
    details:
      "Measures how easily arbitrary labels can be separated on these features. docs/probe.md shows how to\n" +
      "write the files from PyTorch, and says what every number means. Several feature files are compared,\n" +
      "paired over the same random labels; rademark compare does the same with documents of --json.",
    examples: [
      "rademark probe --features train.npy",
      "rademark probe --features train.npy --labels y.npy --test-features test.npy --test-labels y-test.npy",
      "rademark probe --features layers.safetensors --labels y.npy --json",
      "rademark probe --features before.npy --features after.npy --draws 40",
      "rademark probe --features subset.npy --index sample-index.npy --seed 3 --n 100",
    ],
  },
  args: {
    features: {
      ...file(
        "features of the training samples, [samples, width], one tensor a tap in safetensors; up to five times",
      ),
      repeat: true,
    },
    labels: { ...file("their class labels, [samples], whole numbers"), fallback: null },
    testFeatures: {
      ...file("features of samples held out; as often as --features"),
      repeat: true,
      fallback: [] as string[],
    },
    testLabels: { ...file("their class labels"), fallback: null },
    index: {
      ...file("number of the sample in each row, [samples] (default: row i is sample i)"),
      fallback: null,
    },
    seed: {
      summary: "seed of the random labels",
      placeholder: "NUMBER",
      read: wholeNumber(0),
      fallback: SEED,
    },
    n: {
      summary: `numbers of random classes, separated by commas (default ${SPACES.join()})`,
      placeholder: "LIST",
      separator: ",",
      read: readLabelSpaces,
      fallback: SPACES,
    },
    draws: {
      summary: "labellings of each, redraws 0 to K-1; a run's capacity has 8",
      placeholder: "K",
      read: wholeNumber(1, MOST_DRAWS),
      fallback: REDRAWS,
    },
    told: flag("fit the told labelling, too: for features that were trained on it"),
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ json, quiet, n, config: _, ...options }, effects) {
    const path = (name: string | null) => (name === null ? null : resolve(effects.cwd, name));
    const files = pairedFiles(options, effects.cwd);
    // All heavy computations are in float64, for which oneDNN has no kernels; with it, TensorFlow prints a notice.
    process.env["TF_ENABLE_ONEDNN_OPTS"] ??= "0";
    process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
    const { runProbe } = await import("../../probe/probe.ts");
    const progress = createProgress(effects, quiet);
    const document = runProbe(
      {
        files,
        labels: path(options.labels),
        testLabels: path(options.testLabels),
        index: path(options.index),
        seed: options.seed,
        labelSpaces: n,
        draws: options.draws,
        told: options.told,
      },
      {
        onPlan: ({ bytes }) => effects.err(memoryWarning(bytes, process.availableMemory())),
        onProgress: progress.onProgress,
      },
    );
    progress.end();
    effects.out(json ? `${JSON.stringify(document, null, 2)}\n` : formatProbe(document));
    return EXIT.ok;
  },
});

/** @throws UserError for more files than can be compared, or test features for some of them alone. */
function pairedFiles(
  { features, testFeatures }: { features: string[]; testFeatures: string[] },
  cwd: string,
): ProbeOptions["files"] {
  if (features.length > MOST_FILES)
    throw new UserError(
      `--features: ${features.length} files; up to ${MOST_FILES} are compared with each other.`,
    );
  if (testFeatures.length > 0 && testFeatures.length !== features.length)
    throw new UserError(
      `--test-features: ${testFeatures.length} for ${features.length} of --features; give one for each, in the same order.`,
    );
  const list = features.find((name) => name.includes(",") && !existsSync(resolve(cwd, name)));
  if (list !== undefined)
    throw new UserError(
      `There is no file ${resolve(cwd, list)}. Several files: ${list
        .split(",")
        .map((name) => `--features ${name.trim()}`)
        .join(" ")}`,
    );
  return features.map((name, i) => ({
    features: resolve(cwd, name),
    testFeatures: testFeatures[i] === undefined ? null : resolve(cwd, testFeatures[i]),
  }));
}

/** Nothing where there is room enough. */
export function memoryWarning(bytes: number, free: number): string {
  if (bytes <= free) return "";
  return (
    `This takes about ${formatBytes(bytes)} of memory, and ${formatBytes(free)} are free. Fewer features or smaller label ` +
    "spaces (--n) need less; the number of samples hardly matters.\n"
  );
}

/** Least time between two lines that a pipe or a log gets, and between two pictures on a terminal. */
const PLAIN_MILLISECONDS = 10_000;
const LIVE_MILLISECONDS = 100;

const BAR_CELLS = 20;

function createProgress(effects: Effects, quiet: boolean) {
  const painter = createPainter(effects);
  const startedAt = effects.now();
  let printedAt = startedAt;
  return {
    onProgress: ({ features, tap, taps, share }: ProbeProgress): void => {
      const now = effects.now();
      const pause = effects.terminal ? LIVE_MILLISECONDS : PLAIN_MILLISECONDS;
      if (quiet || now - printedAt < pause) return;
      printedAt = now;
      const left = ((now - startedAt) / 1000) * (1 / share - 1);
      const place = `${basename(features)} tap ${tap} of ${taps}`;
      const rest = `${formatPercent(share)}  ${formatDuration(left)} left`;
      if (effects.terminal) painter.repaint([`${place}  ${bar(share, BAR_CELLS)} ${rest}`]);
      else painter.print(`${place}  ${rest}`);
    },
    end: () => painter.clear(),
  };
}

function readLabelSpaces(list: string): number[] {
  return [...new Set(list.split(",").map((size) => wholeNumber(2, LARGEST_N)(size.trim())))];
}
