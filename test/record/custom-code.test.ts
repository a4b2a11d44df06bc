import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { architectureName, parseArchitecture, tapsOf } from "../../record/architecture.ts";
import { canonicalConfiguration, unsubmittable } from "../../record/configuration.ts";
import { findProtocol } from "../../record/protocols.ts";
import { NO_CUSTOM_CODE, sourceDigest } from "../../record/custom-code.ts";
import { nameOfFile, parseCustomName } from "../../record/custom-name.ts";
import { formatRegularizers, parseRegularizers } from "../../record/regularizers.ts";
import { RecordError } from "../../record/problem.ts";
import { resultProblems } from "../../record/statement/result-problems.ts";
import { Result } from "../../record/statement/statements.ts";
import { outcome } from "../../record/summary.ts";
import type { Run } from "../../record/run.ts";
import { aConfiguration } from "../world/run-folders.ts";
import { aRun, micro } from "../world/runs.ts";
import { aChallenge, aResult } from "../world/statements.ts";

const trunk = "export default (net, image) => trunk;\n";
const loss = "export default ({ taps }) => taps[0];\n";
const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const arch = `custom:skip-net@${digest(trunk).slice(0, 8)}`;
const reg = `custom:decov@${digest(loss).slice(0, 8)}`;
const customTaps = ["first", "second"];
const code = { source: digest(trunk), regSource: digest(loss), customTaps };

test("a source's digest is SHA-256 of its UTF-8 bytes", () => {
  expect(sourceDigest("ä\n")).toBe(digest("ä\n"));
});

test("a custom name is read in any case, and written one way", () => {
  expect(architectureName(parseArchitecture(arch.toUpperCase()))).toBe(arch);
  expect(formatRegularizers(parseRegularizers(`${reg}=1, wd=.1`))).toBe(`wd=0.1,${reg}`);
  expect(formatRegularizers(parseRegularizers(`${reg}=0.50`))).toBe(`${reg}=0.5`);
  expect(formatRegularizers(parseRegularizers(`${reg}=0`))).toBe("none");
});

test.each([
  "custom:a@0123abc",
  "custom:a b@0123abcd",
  "custom:@0123abcd",
  "custom:-a@0123abcd",
  "custom:a",
  `custom:${"a".repeat(33)}@0123abcd`,
  "custom:wrn‑16@0123abcd",
])("%s is no custom name, neither of an architecture nor of a regularizer", (name) => {
  expect(parseCustomName(name)).toBeNull();
  expect(() => parseArchitecture(name)).toThrow("custom:NAME@DIGEST8");
  expect(() => parseRegularizers(name)).toThrow("custom:NAME@DIGEST8");
});

test.each([
  ["My Net_2.ts", "my-net-2"],
  ["Naïve.mjs", "na-ve"],
  ["__.ts", null],
  ["a.b.ts", "a-b"],
])("the file %s is named %s", (file, name) => {
  expect(nameOfFile(file)?.replace("nai-ve", "na-ve") ?? null).toBe(name);
});

test("a configuration with custom code is whole, and reads its declared taps", () => {
  const choice = { ...aConfiguration({ arch, regs: `rl=10@2,${reg}`, ...code }) };
  const configuration = canonicalConfiguration(micro, choice);
  expect(configuration).toMatchObject({ arch, regs: `rl=10,${reg}`, ...code });
  expect(tapsOf(configuration)).toEqual(customTaps);
  expect(unsubmittable(configuration, micro)).toEqual([]);
  expect(() => canonicalConfiguration(micro, { ...choice, regs: `rl=10@3,${reg}` })).toThrow(
    `${arch} has taps 1 to 2`,
  );
});

test("more taps than a result has room for are told before anything is trained", () => {
  const reasons = (name: string, taps: number) => {
    const protocol = findProtocol(name);
    const customTaps = Array.from({ length: taps }, (_, i) => `block ${i + 1}`);
    const choice = aConfiguration({ arch, regs: reg, ...code, customTaps });
    const configuration = canonicalConfiguration(protocol, {
      ...choice,
      seeds: protocol.panelSeeds,
    });
    return unsubmittable(configuration, protocol);
  };
  for (const [name, taps] of [
    ["micro-1", 64],
    ["imagenet-1", 64],
    ["cifar10-1", 20],
    ["cifar100-1", 20],
  ] as const)
    expect(reasons(name, taps)).toEqual([]);
  expect(reasons("cifar10-1", 21)).toEqual([expect.stringContaining("declare fewer taps")]);
});

test.each([
  ["a source of another digest", { source: digest(loss) }, "whose SHA-256 begins with"],
  ["no source", { source: null }, "the source of custom:skip-net"],
  ["no taps", { customTaps: null }, "a list of names"],
  ["no source of its regularizer", { regSource: null }, "the source of custom:decov"],
  ["a name without code", { arch: "mlp-8" }, "mlp-8 names no code of its own"],
  ["regularizers without code", { regs: "none" }, "names no code of its own"],
])("%s is refused", (_, changes, message) => {
  const choice = { ...aConfiguration({ arch, regs: reg, ...code, ...changes }) };
  expect(() => canonicalConfiguration(micro, choice)).toThrow(RecordError);
  expect(() => canonicalConfiguration(micro, choice)).toThrow(message);
});

/** A result of custom code whose numbers are those of mlp-512, which has as many taps. */
function customResult(): Result {
  const challenge = aChallenge();
  const result = aResult(challenge);
  const own = (run: Run): Run => ({ ...run, arch, regs: reg, customTaps });
  return {
    ...result,
    ...{ arch, regs: reg, source: trunk, regSource: loss, challenge: null },
    panel: result.panel.map(own),
    fresh: [],
  };
}

test("a result of custom code stands, and its taps bear the declared names", () => {
  const result = customResult();
  expect(resultProblems(result, micro, null)).toEqual([]);
  expect(outcome(result.panel as [Run, ...Run[]], micro).taps).toEqual(customTaps);
});

test.each([
  ["another source", { source: `${trunk} ` }, "/source", "custom-code"],
  ["another regularizer's source", { regSource: trunk }, "/regSource", "custom-code"],
  ["no source", { source: null }, "/source", "custom-code"],
])("a result with %s is refused", (_, changes, pointer, code) => {
  const problems = resultProblems({ ...customResult(), ...changes }, micro, null);
  expect(problems).toMatchObject([{ pointer, code }]);
});

test("all runs of a result declare the same taps, and a named architecture's none", () => {
  const result = customResult();
  const renamed = result.panel.map((run, i) =>
    i === 3 ? { ...run, customTaps: ["a", "b"] } : run,
  );
  expect(resultProblems({ ...result, panel: renamed }, micro, null)).toMatchObject([
    { pointer: "/panel/3/customTaps", code: "same-configuration" },
  ]);
  const named = aResult(null);
  const declared = named.panel.map((run) => ({ ...run, customTaps }));
  expect(resultProblems({ ...named, panel: declared }, micro, null)).toMatchObject([
    { pointer: "/panel/0/customTaps", code: "custom-code" },
  ]);
});

test("a commitment fixes sources and taps", () => {
  const result = customResult();
  const committed = { arch, regs: reg, ...code };
  const challenge = aChallenge({ ...committed, customTaps: ["second", "first"] });
  const problems = resultProblems({ ...result, challenge: challenge.id }, micro, challenge);
  expect(problems.map(({ pointer }) => pointer)).toContain("/panel/0/customTaps");
});

test("what an earlier version wrote, without these members, is read as without custom code", () => {
  const { regSource, ...former } = aResult(null);
  expect(regSource).toBeNull();
  const panel = former.panel.map(({ customTaps, ...run }) => {
    expect(customTaps).toBeNull();
    return run;
  });
  expect(Result.parse({ ...former, panel })).toEqual(aResult(null));
  expect(aRun().customTaps).toBe(NO_CUSTOM_CODE.customTaps);
});
