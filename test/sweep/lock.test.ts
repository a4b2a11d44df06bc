import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../harness/errors.ts";
import { LOCK_FILE, lockFolder } from "../../harness/sweep/lock.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "rademark-lock-"));

/** A lock as a process that was killed leaves it. */
function writeLock(place: string, holder: object): void {
  const lock = { host: hostname(), pid: 1, began: "long ago", workers: [], ...holder };
  writeFileSync(join(place, LOCK_FILE), JSON.stringify(lock));
}

test("a folder has one holder at a time", async () => {
  const place = folder();
  const lock = await lockFolder(place);
  const impatient = { holderSeconds: 0, workerSeconds: 0 };
  await expect(lockFolder(place, impatient)).rejects.toThrow(UserError);
  await expect(lockFolder(place, impatient)).rejects.toThrow(`in use by process ${process.pid}`);
  lock.release();
  const again = await lockFolder(place);
  again.release();
  expect(existsSync(join(place, LOCK_FILE))).toBe(false);
});

test("the lock of a killed process is taken over, even when its id lives again", async () => {
  const place = folder();
  writeLock(place, { pid: process.pid, began: "another boot" });
  const lock = await lockFolder(place);
  expect(readFileSync(join(place, LOCK_FILE), "utf8")).not.toContain("another boot");
  lock.release();
});

test("the lock of another machine stays: nobody here can tell whether its process lives", async () => {
  const place = folder();
  writeLock(place, { host: "another-machine" });
  await expect(lockFolder(place)).rejects.toThrow("process 1 on another-machine");
});

test("workers that outlive a killed parent are waited for", async () => {
  const place = folder();
  const began = performance.now();
  const orphan = spawn("sleep", ["0.5"]);
  const lock = await lockFolder(place);
  lock.noteWorkers([orphan.pid!]);
  const left = JSON.parse(readFileSync(join(place, LOCK_FILE), "utf8")) as { began: string };
  writeLock(place, { ...left, began: "another boot" });

  const taken = await lockFolder(place);
  expect(performance.now() - began).toBeGreaterThan(450);
  taken.release();
});

test("a worker that does not leave is named", async () => {
  const place = folder();
  const orphan = spawn("sleep", ["30"]);
  const lock = await lockFolder(place);
  lock.noteWorkers([orphan.pid!]);
  const left = JSON.parse(readFileSync(join(place, LOCK_FILE), "utf8")) as { began: string };
  writeLock(place, { ...left, began: "another boot" });
  await expect(lockFolder(place, { holderSeconds: 0, workerSeconds: 0.2 })).rejects.toThrow(
    `training worker ${orphan.pid}`,
  );
  orphan.kill();
});
