import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { UserError } from "../../harness/errors.ts";
import { writeAtomic } from "../../harness/files.ts";
import { LOCK_FILE, lockFolder, writerOf } from "../../harness/train/run-lock.ts";

/** A minute is a second here. */
const times = { beat: 50, stale: 600, watch: 150 };
const HOLDER = join(import.meta.dirname, "lock-holder.ts");

function folder(): string {
  const place = mkdtempSync(join(tmpdir(), "rademark-lock-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  return place;
}

type Holder = Record<string, unknown>;
const lockOf = (place: string) =>
  JSON.parse(readFileSync(join(place, LOCK_FILE), "utf8")) as Holder;

/** The lock that this process would have, changed; as a process that was killed leaves it. */
async function leaveLock(place: string, change: Holder): Promise<void> {
  const lock = await lockFolder(place);
  const mine = lockOf(place);
  lock.release();
  writeFileSync(join(place, LOCK_FILE), JSON.stringify({ ...mine, ...change }));
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

/** Another process that holds the folder, appends a line a moment to its journal, and says how it ended. */
async function anotherHolder(place: string): Promise<{ child: ChildProcess; said: () => string }> {
  const child = spawn(process.execPath, [HOLDER, place, JSON.stringify(times)], { stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  await once(child.stdout, "data");
  return { child, said: () => said };
}

test("a folder has one holder at a time", async () => {
  const place = folder();
  const lock = await lockFolder(place, { times });
  await expect(lockFolder(place, { patience: 0, times })).rejects.toThrow(UserError);
  await expect(lockFolder(place, { patience: 0, times })).rejects.toThrow(
    `in use by process ${process.pid}.`,
  );
  expect(writerOf(place)).toBe(`process ${process.pid}`);
  lock.release();
  const again = await lockFolder(place, { times });
  again.release();
  expect(readdirSync(place)).toEqual([]);
  expect(writerOf(place)).toBeNull();
});

test("who takes a folder removes what a killed one had begun to write, and nothing else", async () => {
  const place = folder();
  mkdirSync(join(place, "seeds/1"), { recursive: true });
  mkdirSync(join(place, "seeds/.2.tmp")); // of a merge
  mkdirSync(join(place, "mlp-8+none"));
  const begun = [
    "seeds/1/.checkpoint.safetensors.182.tmp",
    ".config.json.7.tmp",
    "seeds/.2.tmp/final.json",
  ];
  const others = [
    ...["seeds/1/checkpoint.safetensors", ".report.html.9.tmp", ".mine.tmp"],
    "mlp-8+none/.config.json.7.tmp", // has a lock of its own
  ];
  for (const path of [...begun, ...others]) writeFileSync(join(place, path), "");
  (await lockFolder(place, { times })).release();
  expect(begun.filter((path) => existsSync(join(place, path)))).toEqual([]);
  expect(others.filter((path) => !existsSync(join(place, path)))).toEqual([]);
});

test("a dead process of this machine is followed at once, also when its id lives again", async () => {
  const place = folder();
  await leaveLock(place, { began: "1" });
  expect(writerOf(place)).toBeNull();
  const slow = { ...times, watch: 10_000, stale: 30_000 };
  expect(
    await seconds(async () => (await lockFolder(place, { times: slow })).release()),
  ).toBeLessThan(5);
});

test.each([
  ["host", { host: "node3" }, "process 1 on node3"],
  ["boot, of a machine of the same name", { boot: "another" }, "process 1 on "],
  ["container", { space: "pid:[1]" }, "process 1 in another container"],
])(
  "one of another %s cannot be asked, and is followed when its heartbeat stands still",
  async (_, change, words) => {
    const place = folder();
    await leaveLock(place, { ...change, pid: 1, began: "1" });
    expect(writerOf(place)).toContain(words);
    const said: string[] = [];
    const took = await seconds(async () => {
      (await lockFolder(place, { times, onWait: (line) => said.push(line) })).release();
    });
    expect(took).toBeGreaterThan(times.stale / 1000 - 0.1);
  },
);

test("one whose heartbeat moves is not followed, wherever it is", async () => {
  const place = folder();
  await leaveLock(place, { host: "node3", pid: 1 });
  const path = join(place, LOCK_FILE);
  const left = lockOf(place);
  let beat = 0;
  const beating = setInterval(
    () => writeFileSync(path, JSON.stringify({ ...left, beat: ++beat })),
    times.beat,
  );
  const taking = lockFolder(place, { times, patience: 900 });
  await expect(taking).rejects.toThrow("in use by process 1 on node3");
  clearInterval(beating);
  expect(lockOf(place)).toHaveProperty("host", "node3");
});

test.each([
  ["empty", ""],
  ["{}", "{}"],
  ["cut", '{"host":"node3","pi'],
  ["of an older form", '{"host":"node3","pid":1,"began":"x","workers":[]}'],
])(
  "a lock that is %s names nobody, and is followed like one that stands still",
  async (_, text) => {
    const place = folder();
    const path = join(place, LOCK_FILE);
    writeFileSync(path, text);
    expect(writerOf(place)).toBe(`a process that ${path} does not name`);
    // Old by the file system's clock: watched for a moment only.
    utimesSync(path, new Date(0), new Date(0));
    expect(writerOf(place)).toBeNull();
    const took = await seconds(async () => (await lockFolder(place, { times })).release());
    expect(took).toBeGreaterThan(times.watch / 1000 - 0.05);
    expect(took).toBeLessThan(times.stale / 1000);
  },
);

test("a link that leads nowhere is followed, too, and a folder in its place is named", async () => {
  const place = folder();
  symlinkSync("node3:1:1", join(place, LOCK_FILE));
  (await lockFolder(place, { times })).release();
  expect(existsSync(join(place, LOCK_FILE))).toBe(false);
  mkdirSync(join(place, LOCK_FILE));
  await expect(lockFolder(place, { times })).rejects.toThrow("it is a folder, not a file");
});

test("of several processes that find one dead lock, one at a time has the folder", async () => {
  const place = folder();
  await leaveLock(place, { began: "1" });
  const running = { now: 0, most: 0 };
  const turns = Array.from({ length: 12 }, async () => {
    const lock = await lockFolder(place, { times, patience: Infinity });
    running.most = Math.max(running.most, ++running.now);
    await wait(5);
    running.now--;
    lock.release();
  });
  await Promise.all(turns);
  expect(running.most).toBe(1);
  expect(readdirSync(place)).toEqual([]);
});

test("a suspended process loses the folder, and writes nothing when it wakes", async () => {
  const place = folder();
  const { child, said } = await anotherHolder(place);
  await expect(lockFolder(place, { times, patience: 0 })).rejects.toThrow(`process ${child.pid}`);
  child.kill("SIGSTOP");
  const lock = await lockFolder(place, { times });
  const before = readFileSync(join(place, "journal"), "utf8");
  child.kill("SIGCONT");
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(1);
  expect(said()).toContain("was taken over by another process");
  expect(readFileSync(join(place, "journal"), "utf8")).toBe(before);
  expect(lockOf(place)).toHaveProperty("token", lock.token);
  writeAtomic(join(place, "journal"), "mine");
  lock.release();
});

test("workers that outlive a killed parent are waited for, and one that stays is named", async () => {
  const place = folder();
  const orphan = spawn("sleep", ["0.5"]);
  const lock = await lockFolder(place, { times });
  lock.noteWorkers([orphan.pid!]);
  const left = lockOf(place);
  lock.release();
  writeFileSync(join(place, LOCK_FILE), JSON.stringify({ ...left, began: "1" }));
  await expect(lockFolder(place, { workerPatience: 200, times })).rejects.toThrow(
    `training worker ${orphan.pid}`,
  );
  const took = await seconds(async () => (await lockFolder(place, { times })).release());
  expect(took).toBeLessThan(1);
});
