import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { expect, test } from "vitest";
import { withLock } from "../../setup/lock.mjs";
import { collectedEffects, temporaryFolder, until } from "./effects.ts";

const HOLDER = `${import.meta.dirname}/hold-lock.mjs`;

function hold(lock: string, journal: string, milliseconds: number) {
  return spawn(process.execPath, [HOLDER, lock, journal, String(milliseconds)]);
}

/** Leaves the lock of a set-up that was killed. */
async function killedHolder(lock: string, journal: string): Promise<void> {
  const killed = hold(lock, journal, 60_000);
  await until(() => linesOf(journal).length === 1);
  killed.kill("SIGKILL");
  await once(killed, "exit");
}

const linesOf = (file: string) =>
  fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];

test("a second set-up waits for the first and says for whom", async () => {
  const folder = temporaryFolder();
  const [lock, journal] = [`${folder}/lock`, `${folder}/journal`];
  const first = hold(lock, journal, 600);
  await until(() => linesOf(journal).length === 1);
  const { effects, said } = collectedEffects();

  await withLock(lock, effects, () => expect(linesOf(journal)).toHaveLength(2));

  expect(said()).toContain(`process ${first.pid}; waiting for it`);
  expect(fs.readdirSync(folder)).toEqual(["journal"]);
});

test("a lock that a killed set-up left is taken over", async () => {
  const folder = temporaryFolder();
  const [lock, journal] = [`${folder}/lock`, `${folder}/journal`];
  await killedHolder(lock, journal);
  const { effects, said } = collectedEffects();

  expect(await withLock(lock, effects, () => "entered")).toBe("entered");
  expect(said()).toBe("");
});

test("of several set-ups that find the same dead lock, one at a time gets in", async () => {
  const folder = temporaryFolder();
  const [lock, journal] = [`${folder}/lock`, `${folder}/journal`];
  await killedHolder(lock, journal);
  fs.rmSync(journal);
  const holders = Array.from({ length: 5 }, () => hold(lock, journal, 50));
  await Promise.all(holders.map((holder) => once(holder, "exit")));

  const lines = linesOf(journal);
  expect(lines).toHaveLength(10);
  for (let turn = 0; turn < 10; turn += 2) {
    expect(lines[turn + 1]).toBe(lines[turn]?.replace("enter", "leave"));
  }
  expect(fs.readdirSync(folder)).toEqual(["journal"]);
});

test("an owner on another host is believed as long as its heartbeat is young, and Ctrl-C ends the wait", async () => {
  const folder = temporaryFolder();
  const lock = `${folder}/lock`;
  await killedHolder(lock, `${folder}/journal`);
  const elsewhere = { ...(JSON.parse(fs.readFileSync(lock, "utf8")) as object), host: "elsewhere" };
  fs.writeFileSync(lock, JSON.stringify(elsewhere));
  const { effects, interrupt, said } = collectedEffects();
  const waiting = withLock(lock, effects, () => "entered");
  await until(() => said().includes("on elsewhere"));
  interrupt();
  await expect(waiting).rejects.toThrow("interrupted");
  expect(fs.readFileSync(lock, "utf8")).toContain("elsewhere");
});

test("an owner that was followed, as it was suspended for long, is interrupted when it wakes", async () => {
  const lock = `${temporaryFolder()}/lock`;
  const held = withLock(lock, collectedEffects().effects, async ({ interruption }) => {
    fs.rmSync(lock);
    fs.writeFileSync(lock, "{}");
    await once(interruption, "abort");
    interruption.throwIfAborted();
  });
  await expect(held).rejects.toThrow("another took its place");
  expect(fs.readFileSync(lock, "utf8")).toBe("{}");
});

test("a set-up that fails gives the lock back", async () => {
  const lock = `${temporaryFolder()}/lock`;
  const failing = withLock(lock, collectedEffects().effects, () => {
    throw new Error("no compiler");
  });
  await expect(failing).rejects.toThrow("no compiler");
  expect(fs.existsSync(lock)).toBe(false);
});
