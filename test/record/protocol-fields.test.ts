import { expect, test } from "vitest";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { RecordError, nearNames } from "../../record/problem.ts";
import { protocolFields } from "../../record/protocol-fields.ts";
import { findProtocol, protocols } from "../../record/protocols.ts";

const micro = findProtocol("micro-1");

test.each(Object.values(protocols))("the fields of $name are what --set takes", (protocol) => {
  const fields = protocolFields(protocol);
  for (const { path, value, allowed } of fields) {
    expect(deriveProtocol(protocol, [`${path}=${JSON.stringify(value)}`])).toBe(protocol);
    expect([path, allowed]).toEqual([path, expect.stringMatching(/./)]);
  }
  const document: Record<string, unknown> = { name: protocol.name };
  for (const { path, value } of fields) {
    const keys = path.split(".");
    let place = document;
    for (const key of keys.slice(0, -1)) place = (place[key] ??= {}) as typeof document;
    place[keys.at(-1)!] = value;
  }
  expect(document).toEqual(protocol);
});

const problemsOf = (setting: string) => {
  try {
    deriveProtocol(micro, [setting]);
  } catch (error) {
    if (error instanceof RecordError) return error.problems;
    throw error;
  }
  return [];
};

test.each([
  ["epochs=abc", "/epochs", "a whole number from 1 to 100000", '"abc"'],
  ["learningRate.peak=-1", "/learningRate/peak", "a number above 0 and at most 100", "-1"],
  ["headline=1", "/headline", "a whole number from 2", "1"],
  ["subset.perClass=1.5", "/subset/perClass", "a whole number from 1 to 1000000", "1.5"],
  ["clipNorm=x", "/clipNorm", "a number above 0 or null", '"x"'],
  ["frozenHeads=maybe", "/frozenHeads", "true or false", '"maybe"'],
  ["optimizer.kind=adam", "/optimizer/kind", "sgd or adamw", '"adam"'],
  ['optimizer={"kind":"sgd"}', "/optimizer/momentum", "a number from 0 to 1", "nothing"],
  [
    'optimizer={"kind":"adamw","betas":[0.9,2],"epsilon":1}',
    "/optimizer/betas/1",
    "a number from 0 to 1",
    "2",
  ],
  ['heads=[{"n":100,"draws":2,"taps":3}]', "/heads/0/taps", "all or last", "3"],
  [
    "heads=100",
    "/heads",
    "a list of 1 to 16, each {n: a whole number from 2 to 1000000, draws: a whole number from 1 to 64, taps: all or last}",
    "100",
  ],
])("--set %s is told what is allowed, at the place", (setting, pointer, rule, found) => {
  expect(problemsOf(setting)[0]).toMatchObject({ pointer, rule, found });
});

test("a data set that nobody knows is answered with those that are", () => {
  const [problem] = problemsOf("dataset=mnist");
  expect(problem!.rule).toMatch(/^fashion-mnist, cifar10, cifar100 or imagenet/);
});

test("a rule between fields keeps its own words", () => {
  expect(problemsOf("headline=7")[0]!.rule).toBe("one of the heads' n: 2, 10, 100, 1000");
});

const known = protocolFields(micro).map(({ path }) => path);

test.each([
  ["perClass", "subset.perClass"],
  ["batch_size", "batch"],
  ["learning-rate", "learningRate.peak"],
  ["lr", "learningRate.peak"],
  ["epoch", "epochs"],
  ["momentun", "optimizer.momentum"],
  ["optimizer.momentun", "optimizer.momentum"],
])("--set %s names what may have been meant, and few others", (name, meant) => {
  const near = nearNames(name, known);
  expect(near).toContain(meant);
  expect(near.length).toBeLessThanOrEqual(5);
});

test("an unknown field is answered in a line, even where many fields are near, and where none is", () => {
  for (const name of ["cap", "floor", "e", "zzz", "n"]) {
    const { code, rule } = problemsOf(`${name}=1`)[0]!;
    expect([name, code, rule.length < 200]).toEqual([name, "unknown-field", true]);
  }
  expect(problemsOf("zzz=1")[0]!.rule).toBe("no such field");
});
