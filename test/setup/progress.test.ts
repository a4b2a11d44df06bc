import { expect, test } from "vitest";
import { formatBytes, formatDuration, startProgress } from "../../setup/entry.mjs";
import { collectedEffects } from "./effects.ts";

/** A download of 100 MB at 10 MB/s, told once a second. */
function download(isTTY: boolean) {
  const { effects, said } = collectedEffects();
  Object.assign(effects.stderr, { isTTY, columns: 100 });
  let milliseconds = 0;
  const progress = startProgress("download it", effects.stderr, () => milliseconds);
  for (let second = 1; second <= 12; second++) {
    milliseconds = second * 1000;
    progress.update(second * 1e7, (second * 1e7) / 2e8);
  }
  return { progress, said };
}

test("on a terminal one line shows share, bytes, rate and remaining time", () => {
  const { progress, said } = download(true);
  const last = said().split("\r").at(-1);
  expect(last).toBe(
    "\x1b[2Kdownload it [##############----------] 60 %, 120 MB, 10 MB/s, 8 s left",
  );
  progress.done();
  expect(said().endsWith("\r\x1b[2Kdownload it: 120 MB in 12 s\n")).toBe(true);
});

test("elsewhere there is a plain line now and then", () => {
  const { progress, said } = download(false);
  progress.done();
  expect(said()).toBe(
    "download it ...\n  50 %, 100 MB, 10 MB/s, 10 s left\ndownload it: 120 MB in 12 s\n",
  );
});

test("sizes and times are short", () => {
  expect([1_200, 999_600, 273_829_956, 1_259_581_043].map(formatBytes)).toEqual([
    "1 kB",
    "1 MB",
    "274 MB",
    "1.26 GB",
  ]);
  expect([1_400, 75_000].map(formatDuration)).toEqual(["1 s", "1 min 15 s"]);
});
