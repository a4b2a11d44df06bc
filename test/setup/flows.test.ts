import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { codeBelow, filesOf, FLOWS, listed } from "../../setup/flows.mjs";

test.each(FLOWS)("$name passes few files", (flow) => {
  const files = filesOf(flow);
  expect(files.length, files.join("\n")).toBeLessThanOrEqual(flow.limit);
  expect(files).toEqual(expect.arrayContaining(flow.from)); // a file that moved is no flow
});

test.each(FLOWS)("docs/architecture.md lists the files of $name", (flow) => {
  expect(readFileSync("docs/architecture.md", "utf8")).toContain(listed(flow));
});

test("files are counted, and those of tests apart", () => {
  expect(codeBelow()).toEqual(expect.arrayContaining(["setup/flows.mjs", "site/pages/log.astro"]));
  expect(codeBelow(["test"])).toContain("test/setup/flows.test.ts");
  expect(codeBelow().some((file) => file.startsWith("test/"))).toBe(false);
});
