/** @file The clocks of this machine: the wall's, the one that only runs on, and the file system's. */

import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Check, fail, ok, warn } from "./check.ts";

/** When this was written: no clock that is right shows less. */
const EARLIEST = Date.parse("2026-01-01T00:00:00Z");
const LATEST = Date.parse("2100-01-01T00:00:00Z");
const LARGEST_DRIFT = 1;
const LARGEST_OFFSET = 60;

export interface ClockFigures {
  /** Seconds by which the file system's time is ahead; null where nothing could be written. */
  files: number | null;
  /** Seconds by which the wall clock ran ahead of the steady one. */
  drift: number;
}

/** Begins to watch; the answer says how the wall clock ran since. @param now milliseconds of the wall clock. */
export function watchClock(now: () => number): () => number {
  const [wall, steady] = [now(), performance.now()];
  return () => (now() - wall - (performance.now() - steady)) / 1000;
}

/** Writes a file into `folder` and looks at its time. */
export function fileClock(folder: string, now: () => number): number | null {
  try {
    const own = mkdtempSync(join(folder, ".rademark-clock-"));
    try {
      const file = join(own, "now");
      const before = now();
      writeFileSync(file, "");
      return (statSync(file).mtimeMs - before) / 1000;
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  } catch {
    return null; // the disk's own check says so
  }
}

/** Signatures and challenges carry dates, so a wrong clock costs a submission. */
export function clockCheck(now: number, { files, drift }: ClockFigures): Check {
  const name = "clock";
  const mend =
    process.platform === "darwin"
      ? "sudo systemsetup -setusingnetworktime on"
      : "sudo timedatectl set-ntp true";
  const date = new Date(now).toISOString();
  if (!(now >= EARLIEST && now < LATEST))
    return fail(name, `The clock shows ${date}, which cannot be.`, mend);
  if (Math.abs(drift) > LARGEST_DRIFT)
    return warn(name, `The clock was moved by ${drift.toFixed(1)} s while it was watched.`, mend);
  if (files !== null && Math.abs(files) > LARGEST_OFFSET)
    return warn(
      name,
      `The file system's time is ${files.toFixed(0)} s off the clock's ${date}.`,
      mend,
    );
  return ok(name, `The clock shows ${date} and runs steadily.`);
}
