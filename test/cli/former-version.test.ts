import { join } from "node:path";
import { expect, test } from "vitest";
import { FORMER } from "../../record/former-version.ts";
import { openEntry } from "../../harness/listing/fetched-entry.ts";
import { openState, writeState } from "../../harness/listing/folder-state.ts";
import { rademark } from "../world/command-line.ts";
import { formerEnvelope, formerProtocol, formerRun } from "../world/former-version.ts";
import { aFolder, writeJson, writeRunFolder } from "../world/run-folders.ts";
import { aWholeRun } from "../world/runs.ts";

/** As version 0.1 left it. */
function aFormerFolder(): string {
  const folder = writeRunFolder(join(aFolder(), "old"), [aWholeRun()]);
  writeJson(join(folder, "protocol.json"), formerProtocol());
  writeJson(join(folder, "seeds", "1", "final.json"), formerRun(aWholeRun()));
  return folder;
}

test.each(["resume", "report", "compare", "submit"])(
  "%s refuses a run folder of version 0.1 in one sentence",
  async (command) => {
    const folder = aFormerFolder();
    const others = command === "compare" ? [folder] : [];
    const { code, stdout, stderr } = await rademark([command, folder, ...others]);
    expect([code, stdout, stderr.trim()]).toEqual([3, "", `rademark: ${folder} is ${FORMER}.`]);
  },
);

test("a run of version 0.1 in a folder of today is refused likewise", async () => {
  const path = writeRunFolder(join(aFolder(), "new"), [aWholeRun()]);
  const final = join(path, "seeds", "1", "final.json");
  writeJson(final, formerRun(aWholeRun()));
  const { code, stderr } = await rademark(["report", path]);
  expect([code, stderr.trim()]).toEqual([3, `rademark: ${final} is ${FORMER}.`]);
});

test("a file of version 0.1 does not verify, and says why", async () => {
  const file = join(aFolder(), "entry.json");
  writeJson(file, await formerEnvelope());
  const { code, stdout } = await rademark(["verify", file]);
  expect(code).toBe(3);
  expect(stdout).toMatch(new RegExp(`FAILED +schema +/protocol: ${FORMER}`));
});

test("an entry of version 0.1 is not reproduced, nor taken from a folder", async () => {
  const envelope = await formerEnvelope();
  await expect(openEntry(envelope)).rejects.toThrow(`the entry is ${FORMER}.`);
  const folder = aFolder();
  writeState(folder, "entry", envelope);
  await expect(openState(folder, "entry", "result")).rejects.toThrow(
    `${join(folder, "entry.json")} is ${FORMER}.`,
  );
});

test("a protocol of one's own that was written for version 0.1 is refused", async () => {
  const file = join(aFolder(), "mine.json");
  writeJson(file, formerProtocol());
  const { code, stderr } = await rademark([
    "run",
    "--arch",
    "mlp-64",
    "--out",
    "x",
    "--protocol",
    file,
  ]);
  expect([code, stderr.trim()]).toEqual([2, `rademark: --protocol: ${file}: ${FORMER}`]);
});
