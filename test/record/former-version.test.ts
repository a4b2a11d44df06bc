import { expect, test } from "vitest";
import { FORMER, isFormer } from "../../record/former-version.ts";
import { findProtocol } from "../../record/protocols.ts";
import { openEnvelope } from "../../record/statement/envelope.ts";
import {
  FORMER_ID,
  formerEnvelope,
  formerProtocol,
  formerResult,
  formerRun,
} from "../world/former-version.ts";
import { aDivergedRun, aRun, aWholeRun, micro } from "../world/runs.ts";
import { aResult } from "../world/statements.ts";

test("micro-1 of version 0.1 has the id that its results carried", () => {
  expect(FORMER_ID).toBe("84e10cf3a38b68303156d25652e12d1efad0b11c518e1c1cfcc17acd14b31ca8");
});

test.each<[string, object]>([
  ["a protocol", formerProtocol()],
  ["one's own protocol", { ...formerProtocol(), name: "micro-1+custom", epochs: 2 }],
  ["a run", formerRun(aWholeRun())],
  ["a run of one's own protocol", { ...formerRun(aRun()), protocol: "1".repeat(64) }],
  ["a run that diverged", formerRun(aDivergedRun())],
  ["a run that diverged at once", formerRun(aDivergedRun({ epochs: [] }))],
  ["a result", formerResult()],
  ["a commitment", { protocol: FORMER_ID }],
])("%s of version 0.1 is recognized", (_, document) => {
  expect(isFormer(document)).toBe(true);
});

test.each<[string, unknown]>([
  ["today's protocol", micro],
  ["today's run", aRun()],
  ["today's diverged run", aDivergedRun()],
  ["today's result", aResult()],
  ["a run of today that lost its frozen heads", { ...aRun(), frozenHeads: undefined }],
  ["null", null],
  ["a list", [1]],
  ["a document of something else", { protocol: 1, tolerance: null, panel: [], epochs: {} }],
])("%s is not", (_, document) => {
  expect(isFormer(JSON.parse(JSON.stringify(document)))).toBe(false);
});

test("its protocol is not found, and its result not opened, in a sentence that names the remedy", async () => {
  expect(() => findProtocol(FORMER_ID)).toThrow(`${FORMER_ID}: ${FORMER}`);
  const opened = await openEnvelope(await formerEnvelope());
  expect(opened.ok || opened.problems).toEqual([
    { code: "former-version", pointer: "/protocol", rule: FORMER, found: `"${FORMER_ID}"` },
  ]);
  expect(FORMER).toMatch(
    /keep it for that version, and measure again with this one, into another folder$/,
  );
});
