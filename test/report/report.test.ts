import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { writeReport } from "../../harness/report/report.ts";
import { aFolder, aGrid, writeSweepFolder } from "./factories.ts";

test("x", () => {
  const folder = process.env.OUT ?? aFolder();
  writeSweepFolder(folder, aGrid(8));
  const t = performance.now();
  const path = writeReport(folder);
  console.log(performance.now() - t, statSync(path).size);
  expect(readFileSync(path, "utf8")).toContain("cnn-8");
});
