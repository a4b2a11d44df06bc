import { expect, test } from "vitest";
import { formatTable } from "../../harness/table.ts";

test("nothing in a cell steers the terminal or breaks its line", () => {
  const columns = [{ title: "entry", align: "left" as const }];
  const table = formatTable(columns, [["a\x1b[2Jb\nc\u202ed"]]);
  expect(table).toBe(`entry\n${"-".repeat(21)}\na\\u001b[2Jb\\nc\\u202ed\n`);
});
