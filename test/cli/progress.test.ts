/** @file Nothing that was read from elsewhere steers the terminal of whoever reads a message. */

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test, afterAll } from "vitest";
import {
  createPainter,
  createProgress,
  plainLine,
  progressLine,
} from "../../harness/cli/progress.ts";
import { fetchLine } from "../../harness/cli/dataset-progress.ts";
import type { Effects } from "../../harness/effects.ts";
import type { EpochMessage } from "../../harness/train/messages.ts";
import { visible, visibleLine } from "../../setup/shared/visible.mjs";
import { rademark } from "../world/command-line.ts";

const message: EpochMessage = {
  type: "epoch",
  folder: "/runs/a",
  seed: 3,
  epoch: 12,
  epochs: 30,
  imagesPerSecond: 1934.4,
  trainAccuracy: 0.543,
  randomLabels: { n: 100, accuracy: 0.12, frozenAccuracy: null },
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

test("a pipe gets the same head on the frozen trunk beside it, where there is one", () => {
  const randomLabels = { n: 100, accuracy: 0.12, frozenAccuracy: 0.4 };
  expect(plainLine("cnn-16 none", { ...message, randomLabels }, null)).toContain(
    "RL-acc(n=100) 12.0 %, frozen trunk 40.0 %, -:-- left",
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

describe("what a terminal shows", () => {
  const ROOT = fileURLToPath(new URL("../..", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "rademark-visible-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Clears the screen, sets a title, turns the writing round, returns to the line's start, in C0 and in C1. */
  const EVIL = "a\u001b[2J\u001b]0;b\u0007\u009b31m\u202ec\rd\u007f\u0008\u200b\u2028e";
  const SHOWN = "a\\u001b[2J\\u001b]0;b\\u0007\\u009b31m\\u202ec\\rd\\u007f\\b\\u200b\\u2028e";

  /** Of the bytes that a terminal obeys or hides only the line feeds of our own are left. */
  function expectPlain({ stdout, stderr }: { stdout: string; stderr: string }, word = SHOWN) {
    for (const text of [stdout, stderr]) expect(text).toBe(visible(text));
    expect(stdout + stderr).toContain(word);
  }

  function safetensors(header: object, bytes = 16): string {
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const path = join(folder, `${Math.random()}.safetensors`);
    writeFileSync(path, Buffer.concat([length, text, Buffer.alloc(bytes)]));
    return path;
  }

  test("tensors' names and element types, of every mistake in a file", async () => {
    const tensor = { dtype: "F32", shape: [4, 1], data_offsets: [0, 16] };
    const names = [
      { [EVIL]: { ...tensor, shape: [4, 1, 1] } },
      { [EVIL]: { ...tensor, dtype: "I32" } },
      { [EVIL]: { ...tensor, shape: [3, 1] } },
      { [EVIL]: 7 },
      { a: { ...tensor, dtype: EVIL } },
    ];
    for (const header of names)
      expectPlain(await rademark(["probe", "--features", safetensors(header)]));
    const lines = { "x\nrademark: all is well": { ...tensor, shape: [4, 1, 1] } };
    const { stderr } = await rademark(["probe", "--features", safetensors(lines)]);
    expect(stderr).toContain("x\\nrademark: all is well");
    const descr = Buffer.from(`{'descr': '<\u001b[2J', 'fortran_order': False, 'shape': (2, 2), }`);
    const npy = join(folder, "evil.npy");
    writeFileSync(
      npy,
      Buffer.concat([Buffer.from("\x93NUMPY\x03\0", "latin1"), u32(descr.length), descr]),
    );
    expectPlain(await rademark(["probe", "--features", npy]), "\\u001b[2J");
  });

  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);

  test("words of the command line, members of a config file and names of files", async () => {
    expectPlain(await rademark([EVIL]));
    expectPlain(await rademark(["ls", EVIL]));
    expectPlain(await rademark(["ls", "archs", `--${EVIL}`]));
    expectPlain(await rademark(["run", "--protocol", EVIL, "--arch", EVIL, "--out", "x"]));
    const config = join(folder, "config.json");
    writeFileSync(config, JSON.stringify({ [EVIL]: 1 }));
    expectPlain(await rademark(["ls", "archs", "--config", config]));
    writeFileSync(config, `{"quiet": ${EVIL}}`);
    expectPlain(await rademark(["ls", "archs", "--config", config]), "\\u001b");
    const place = join(folder, EVIL);
    for (const args of [
      ["report", place],
      ["probe", "--features", place],
      ["verify", place],
    ])
      expectPlain(await rademark(args));
    mkdirSync(join(place, EVIL), { recursive: true });
    const run = ["run", "--protocol", "micro-1", "--arch", "mlp-256", "--out", place];
    expectPlain(await rademark(run));
  });

  test("an answer in JSON keeps its value", () => {
    const document = { [EVIL]: [EVIL, "\u{e0001}\ud800", "\u0000\t\n"] };
    const printed = visible(JSON.stringify(document, null, 2));
    expect(printed).toMatch(/^[\t\n -~]*$/);
    expect(JSON.parse(printed)).toEqual(document);
    expect(visible("one\ttwo\nthree é ☎️ 漢字\n")).toBe("one\ttwo\nthree é ☎️ 漢字\n");
    expect(visibleLine("one\ntwo")).toBe("one\\ntwo");
  });

  /** At a terminal of its own, of the kind that TERM says. */
  function atTerminal(script: string, env: NodeJS.ProcessEnv): string {
    const words = ["-c", "import pty,sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"];
    const { CI: _, NO_COLOR: __, ...own } = process.env;
    const { stdout } = spawnSync("python3", [...words, "bash", "-c", script], {
      cwd: folder,
      encoding: "utf8",
      env: { ...own, ...env },
      timeout: 100_000,
    });
    return stdout;
  }

  test.runIf(process.platform === "linux")(
    "a terminal where nothing can be redrawn gets no codes, any other gets ours alone",
    () => {
      const bad = `${process.execPath} ${ROOT}harness/cli/rademark.ts $'x\\e[2J'`;
      const drawn = `${process.execPath} --input-type=module -e '
      import { startProgress } from "${ROOT}setup/entry.mjs";
      import { enter } from "${ROOT}setup/entry.mjs";
      await enter(async ({ stderr }) => {
        const progress = startProgress("a step", stderr);
        progress.update(1, 0.5);
        progress.done();
        return 0;
      });'`;
      for (const env of [
        { TERM: "dumb" },
        { TERM: "xterm", CI: "1" },
        { TERM: "xterm", NO_COLOR: "1" },
      ]) {
        const said = atTerminal(`${bad}; ${drawn}`, env).replaceAll("\r\n", "\n");
        expect(said).toBe(visible(said));
        expect(said).toContain('rademark: there is no command "x\\u001b[2J"');
        expect(said).toContain("a step: ");
      }
      const said = atTerminal(`${bad}; ${drawn}`, { TERM: "xterm" });
      expect(said).toContain("\u001b[31mrademark:\u001b[0m");
      expect(said).toContain("\r\u001b[2Ka step");
      expect(said).not.toContain("x\u001b");
    },
  );
});
