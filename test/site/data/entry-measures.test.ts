import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import type { EntryDocument } from "../../../record/answers/documents.ts";
import type { Run } from "../../../record/run.ts";
import { drawn } from "../../../site/charts/drawn.ts";
import { entryMeasures } from "../../../site/components/entry/entry-measures.ts";
import type { EntryModel } from "../../../site/data/entry-model.ts";
import { aRun, someMeasures } from "../../world/runs.ts";

const modelOf = (runs: Run[]): EntryModel => ({
  entry: null as unknown as EntryDocument,
  runs: { panel: runs.slice(0, 2), fresh: runs.slice(2), metrics: [] },
  ...{ envelope: null, proof: null, home: "" },
});

const measured = (margin: number, correct: number) =>
  aRun({ measures: { ...someMeasures(), margin, mixup: { pairs: 500, correct } } });

test("an entry's further measures are means over its runs, with intervals, and say what is declared", () => {
  const section = entryMeasures(modelOf([0.1, 0.2, 0.3].map((margin) => measured(margin, 400))))!;
  const { document } = parseHTML(`<html><body>${drawn(section)}</body></html>`);
  const rows = Array.from(document.querySelectorAll("tbody tr"), (row) =>
    Array.from(row.querySelectorAll("th, td"), (cell) => cell.textContent),
  );
  const of = new Map(rows.map(([title, number]) => [title, number]));
  expect(of.get("margin · declared")).toBe("0.20 ± 0.25"); // t(2) 4.303 x 0.1 / sqrt(3)
  expect(of.get("mixup accuracy")).toBe("80.0 ± 0.1 %"); // all agree, to one of 500
  expect(of.get("stable ranks · declared")).toBe("28.50"); // (5/2)^2 twice, (5/1.25)^2
  expect([...of.keys()]).not.toContain("fit of canaries");
});

test("without measures there is no such section, and with some of them no mean", () => {
  expect(entryMeasures(modelOf([aRun(), aRun()]))).toBe(null);
  expect(entryMeasures({ ...modelOf([]), runs: null })).toBe(null);
  const some = drawn(entryMeasures(modelOf([measured(0.1, 4), aRun(), aRun()]))!);
  expect(some).toContain("Of 3 runs 1 have them, so there is no mean.");
  expect(some).not.toContain("<table");
});
