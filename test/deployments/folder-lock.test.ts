import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lockFolder } from "../../db/stores/folder-lock.ts";

/** A path for a lock, and the words in which this process holds one. */
function place(): { path: string; mine: Record<string, unknown> } {
  const folder = mkdtempSync(join(tmpdir(), "rademark-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "lock");
  const lock = lockFolder(path);
  const mine = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  lock.release();
  return { path, mine };
}

test("a process killed under this one's id leaves its lock behind for it, as in a container", () => {
  const { path, mine } = place();
  writeFileSync(path, JSON.stringify({ ...mine, began: "long ago" }));
  lockFolder(path);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(mine);
});

test("this process itself does not open its folder twice", () => {
  const { path } = place();
  lockFolder(path);
  expect(() => lockFolder(path)).toThrow(`in use by process ${process.pid}`);
});

test("another host's lock stands, whatever its process id", () => {
  const { path, mine } = place();
  writeFileSync(path, JSON.stringify({ ...mine, host: "elsewhere", began: "long ago" }));
  expect(() => lockFolder(path)).toThrow(`in use by process ${process.pid} on elsewhere`);
});

test.each(["", "{}", "null", '{"host":"els', '{"host":"elsewhere"}'])(
  "a lock of %j names nobody, and says what to do",
  (text) => {
    const { path } = place();
    writeFileSync(path, text);
    expect(() => lockFolder(path)).toThrow(`${path} names no process`);
    expect(readFileSync(path, "utf8")).toBe(text);
  },
);
