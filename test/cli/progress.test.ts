import { expect, test } from "vitest";
import {
  createPainter,
  createProgress,
  plainLine,
  progressLine,
} from "../../harness/cli/progress.ts";
import { fetchLine } from "../../harness/cli/fetching.ts";
import type { Effects } from "../../harness/effects.ts";
import type { EpochMessage } from "../../harness/train/messages.ts";

const message: EpochMessage = {
  type: "epoch",
  folder: "/runs/a",
  seed: 3,
  epoch: 12,
  epochs: 30,
  imagesPerSecond: 1934.4,
  trainAccuracy: 0.543,
  randomLabels: { n: 100, accuracy: 0.12 },
  phase: "train",
};

test("a wide terminal shows everything", () => {
  expect(progressLine("cnn-16 none", message, 34, 120)).toBe(
    "cnn-16 none  seed 3 [========            ] 12/30  1,934 img/s  train 54.3 %  RL-acc 12.0 %  0:34 left",
  );
});

test("a narrow terminal loses the bar, then the label's end, and never a number", () => {
  const numbers = "seed 3  12/30  1,934 img/s  train 54.3 %  RL-acc 12.0 %  0:34 left";
  expect(progressLine("cnn-16 none", message, 34, 80)).toBe(`cnn-16 none  ${numbers}`);
  expect(progressLine("cnn-16 wd=0.005,dropout=0.5", message, 34, 80)).toBe(
    `cnn-16 wd=0…  ${numbers}`,
  );
});

test("a pipe gets a line without a bar, with the label space", () => {
  expect(plainLine("cnn-16 none", message, null)).toBe(
    "cnn-16 none seed 3 epoch 12/30, 1,934 img/s, train 54.3 %, RL-acc(n=100) 12.0 %, -:-- left",
  );
});

test("fetching shows bytes, rate and remaining time", () => {
  const mebibyte = 2 ** 20;
  const progress = { label: "cifar10", done: 10 * mebibyte, total: 30 * mebibyte, unit: "bytes" };
  expect(fetchLine({ ...progress, unit: "bytes" }, 5)).toBe(
    "cifar10  10.0 MiB of 30.0 MiB  33.3 %  2.0 MiB/s  0:10 left",
  );
});

/** What stands on a terminal of these columns after some writes. */
function screenOf(columns: number) {
  const lines: string[] = [];
  const err = (text: string): void => {
    const [, up, rest] = /^(?:\x1b\[(\d+)A\x1b\[0J)?([^]*)$/.exec(text)!;
    if (up) lines.splice(lines.length - Number(up));
    lines.push(...rest!.split("\n").slice(0, -1));
  };
  return { lines, terminal: { columns, color: false }, err };
}

test("lines at the foot are replaced, others stay above them, and none is wider than the terminal", () => {
  const screen = screenOf(10);
  const painter = createPainter(screen);
  painter.repaint(["a 1", "b 1"]);
  painter.print("seed 1 done");
  painter.repaint(["a 2 and more than fits"]);
  painter.repaint(["a 3"]);
  expect(screen.lines).toEqual(["seed 1 done", "a 3"]);
  painter.repaint(["0123456789"]);
  expect(screen.lines.at(-1)).toBe("012345678");
  painter.clear();
  expect(screen.lines).toEqual(["seed 1 done"]);
});

function listen(terminal: Effects["terminal"], quiet: boolean) {
  const screen = screenOf(120);
  let now = 0;
  const effects = { ...screen, terminal, now: () => now } as unknown as Effects;
  const task = { folder: "/runs/a", arch: "mlp-8", regs: "none", seeds: [3], threads: 1 };
  const listener = createProgress(effects, quiet);
  listener.onPlan([task], 1);
  listener.onStart(task);
  for (let epoch = 1; epoch <= 30; epoch++) {
    now += 1_000;
    listener.onEpoch(task, { ...message, epoch });
  }
  const during = [...screen.lines];
  listener.onEnd(task, { type: "failed", message: "no luck", exitCode: 1, bug: false });
  return { during, after: screen.lines };
}

test("one line per job on a terminal; it is gone at the end, and the failure stays", () => {
  const { during, after } = listen({ columns: 120, color: false }, false);
  expect(during).toEqual([expect.stringContaining("30/30")]);
  expect(after).toEqual(["mlp-8 none failed: no luck"]);
});

test("a pipe is told of an epoch every ten seconds, not of each", () => {
  const { during } = listen(null, false);
  expect(during.map((line) => /epoch (\d+)/.exec(line)![1])).toEqual(["1", "11", "21"]);
});

test("quiet leaves only failures", () => {
  expect(listen(null, true)).toEqual({ during: [], after: ["mlp-8 none failed: no luck"] });
});
