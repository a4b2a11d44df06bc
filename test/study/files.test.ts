import { mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { UserError } from "../../harness/errors.ts";
import {
  explainDisk,
  makeFolder,
  readJson,
  writeAtomic,
  writeJsonAtomic,
  writeNewJson,
} from "../../harness/files.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "rademark-files-"));

test("an atomic write leaves the content and nothing else", () => {
  const place = folder();
  writeAtomic(join(place, "a"), new Uint8Array([1, 2, 3]));
  writeAtomic(join(place, "a"), "second");
  expect(readdirSync(place)).toEqual(["a"]);
  expect(readFileSync(join(place, "a"), "utf8")).toBe("second");
});

test("a failed write keeps the old content and no temporary file", () => {
  const place = folder();
  mkdirSync(join(place, "a"));
  expect(() => writeAtomic(join(place, "a"), "x")).toThrow(UserError);
  expect(readdirSync(place)).toEqual(["a"]);
});

test("a write into a folder that is not there is a message", () => {
  const path = join(folder(), "none", "a");
  expect(() => writeAtomic(path, "x")).toThrow(
    `${path} cannot be opened: there is no ${dirname(path)}.`,
  );
  expect(() => writeNewJson(path, {})).toThrow(UserError);
});

test("a new file is for the first who writes it; a second changes nothing", () => {
  const place = folder();
  expect(writeNewJson(join(place, "a"), 1)).toBe(true);
  expect(writeNewJson(join(place, "a"), 2)).toBe(false);
  expect(readJson(join(place, "a"))).toBe(1);
  expect(readdirSync(place)).toEqual(["a"]);
});

test("a folder that cannot be made is a message", () => {
  const place = folder();
  writeFileSync(join(place, "file"), "");
  expect(() => makeFolder(join(place, "file", "a"))).toThrow("a file of that name is in the way");
});

test("folders above are made, and a folder that is there is fine", () => {
  const place = join(folder(), "a", "b");
  makeFolder(place);
  makeFolder(place);
  expect(readdirSync(place)).toEqual([]);
});

test.runIf(process.platform === "linux")("a place where no folder can be is a message", () => {
  expect(() => makeFolder("/proc/rademark/a")).toThrow(
    "/proc/rademark cannot be made: no folder can be made there.",
  );
});

test("a folder in which nobody may write is a message", () => {
  const error = Object.assign(new Error("EACCES"), { code: "EACCES" });
  expect(explainDisk(error, "runs/a")).toMatchObject({
    message:
      "runs/a cannot be used: there is no permission to use it. " +
      "Give yourself the right to it (chmod, chown), or choose another place.",
  });
});

test("a full disk is a message", () => {
  const error = Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  expect(explainDisk(error, "runs/a")).toMatchObject({
    message: "runs/a cannot be used: the disk is full. Make room there, or choose another place.",
  });
});

test("a bug's error is not dressed up as the user's mistake", () => {
  const bug = new TypeError("x is undefined");
  expect(explainDisk(bug, "runs/a")).toBe(bug);
});

test("a missing file is null, a damaged one an error with its path", () => {
  const place = folder();
  writeJsonAtomic(join(place, "a.json"), { a: 1 });
  writeFileSync(join(place, "b.json"), '{"a": ');
  expect(readJson(join(place, "a.json"))).toEqual({ a: 1 });
  expect(readJson(join(place, "none.json"))).toBeNull();
  expect(() => readJson(join(place, "b.json"))).toThrow(/b\.json is damaged/);
});
