import { utf8ToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../record/canonical-json.ts";
import { jsonPointer, schemaProblems, shown } from "../../record/problem.ts";
import { JSON_LIMITS, readStrictJson } from "../../record/strict-json.ts";
import { Run } from "../../record/run.ts";
import { aRun } from "../world/runs.ts";

const read = (text: string) => readStrictJson(utf8ToBytes(text));

test("whatever JSON can carry exactly is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), (text) => {
      const result = read(text);
      if (result.ok) expect(result.value).toEqual(JSON.parse(text));
      else expect(result.problem.rule).toMatch(/2\^53|zero|surrogate|once|rounding/);
    }),
  );
  const run = aRun();
  expect(read(JSON.stringify(run, null, 2))).toEqual({ ok: true, value: run });
  expect(read(canonicalJson(run))).toEqual({ ok: true, value: run });
});

test.each([
  [' [1 , -2.5e-3,\t"\\u00e9\\n\\ud83d\\ude00", true,null , {}]\r\n', "all kinds"],
  ["9007199254740991", "2^53 - 1"],
  ["-9007199254740991", "-(2^53 - 1)"],
  ["[1.0,1.20e1,10e-1,0.5e1,-3e0,0.00,0e-9,0E5,100]", "whole numbers in whatever form"],
  ["[0.1,1e-300,2.5,0.30000000000000004]", "fractions"],
  ['"\u2028\u007f"', "what a string may hold unescaped"],
])("%s is read (%s)", (text) => {
  expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
});

test.each([
  ['{"a":{"b":1,"b":1}}', "/a/b", "every member once"],
  ['{"a":1,"\\u0061":2}', "/a", "every member once"],
  ['{"__proto__":1,"__proto__":2}', "/__proto__", "every member once"],
  ['{"a/b~":[0,-0]}', "/a~1b~0/1", "no negative zero"],
  ["[-0.0e5]", "/0", "no negative zero"],
  ["[-1e-400]", "/0", "no negative zero"],
  ["[1e-400]", "/0", "no digits lost to rounding"],
  ["[0.0000001e-320]", "/0", "no digits lost to rounding"],
  ["[1.00000000000000001]", "/0", "no digits lost to rounding"],
  ["[4503599627370497.25]", "/0", "no digits lost to rounding"],
  ["[9007199254740992]", "/0", "at most 2^53 - 1"],
  ["[-9007199254740993]", "/0", "at most 2^53 - 1"],
  ["1e16", "", "at most 2^53 - 1"],
  ["1e999", "", "at most 2^53 - 1"],
  ['["\\ud800"]', "/0", "no lone surrogate"],
  ['{"\\udc00x":1}', "", "no lone surrogate"],
  ["[NaN]", "/0", "a JSON value"],
  ["[-Infinity]", "/0", "a JSON value"],
  ["[undefined]", "/0", "a JSON value"],
  ["[01]", "", ", here"],
  ["[1.]", "", ", here"],
  ["[.5]", "/0", "a JSON value"],
  ["[+1]", "/0", "a JSON value"],
  ["[1,]", "/1", "a JSON value"],
  ["[1", "", ", here"],
  ["[,1]", "/0", "a JSON value"],
  ['{"a":1,}', "", "a member's name"],
  ['{"a" 1}', "/a", ": here"],
  ["{a:1}", "", "a member's name"],
  ["{'a':1}", "", "a member's name"],
  ['{"a":1', "", ", here"],
  ['"a', "", "a string"],
  ['"\\"', "", "a string"],
  ['"\\x41"', "", "a string"],
  ['"a\nb"', "", "a string"],
  ["", "", "a JSON value"],
  ["1 2", "", "nothing after the value"],
  ["{}//", "", "nothing after the value"],
  ["\u00a01", "", "a JSON value"],
  ["\ufeff1", "", "a JSON value"],
])("%s is refused at '%s': %s", (text, pointer, rule) => {
  const code = rule === "every member once" ? "duplicate-member" : "malformed";
  expect(read(text)).toMatchObject({ ok: false, problem: { code, pointer, rule } });
});

test.each([
  ["an overlong encoding", [0x22, 0xc0, 0xaf, 0x22]],
  ["a surrogate in UTF-8", [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ["a cut-off character", [0x22, 0xe2, 0x82, 0x22]],
  ["a lone byte", [0xff]],
])("%s is not UTF-8", (_, bytes) => {
  const result = readStrictJson(Uint8Array.from(bytes));
  expect(result).toMatchObject({
    ok: false,
    problem: { code: "malformed", pointer: "", rule: "UTF-8 text" },
  });
});

test("depth and length are capped, however large the document", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(read(nested(32)).ok).toBe(true);
  expect(read(nested(33))).toMatchObject({
    ok: false,
    problem: { code: "too-deep", pointer: "/0".repeat(32), rule: "at most 32 levels" },
  });
  expect(read("[".repeat(2_000_000))).toMatchObject({ problem: { rule: "at most 32 levels" } });
  const zeros = (count: number) => utf8ToBytes(JSON.stringify(new Array(count).fill(0)));
  const limits = { ...JSON_LIMITS, depth: 2, items: 100 };
  expect(readStrictJson(zeros(100), limits).ok).toBe(true);
  expect(readStrictJson(zeros(101), limits)).toMatchObject({
    problem: { pointer: "", rule: "at most 100 items" },
  });
  const few = { ...JSON_LIMITS, values: 7 };
  const pairs = (count: number) => utf8ToBytes(JSON.stringify(new Array(count).fill([0])));
  expect(readStrictJson(pairs(3), few).ok).toBe(true);
  expect(readStrictJson(pairs(4), few)).toMatchObject({
    problem: { pointer: "/3", rule: "at most 7 values" },
  });
});

test("four megabytes in one string, plain or escaped, are read", () => {
  for (const text of ["a".repeat(4e6), "\n".repeat(2e6)])
    expect(read(JSON.stringify(text))).toEqual({ ok: true, value: text });
});

test("a member named __proto__ is a member, and a closed schema refuses it", () => {
  const text = canonicalJson(aRun()).replace("{", '{"__proto__":{"status":"completed"},');
  const result = read(text);
  if (!result.ok) throw new Error("not read");
  expect(Object.hasOwn(result.value as object, "__proto__")).toBe(true);
  expect(Object.getPrototypeOf(result.value)).toBe(Object.prototype);
  const { error } = Run.safeParse(result.value);
  expect(schemaProblems(error!, result.value)).toEqual([
    {
      code: "unrecognized_keys",
      pointer: "/__proto__",
      rule: "no such member",
      found: "an object",
    },
  ]);
});

test("a schema's refusals carry pointers and what was found", () => {
  const run = { ...aRun(), seed: 1.5, accuracy: 0.9 };
  expect(schemaProblems(Run.safeParse(run).error!, run)).toEqual([
    {
      code: "invalid_type",
      pointer: "/seed",
      rule: expect.stringContaining("int") as string,
      found: "1.5",
    },
    { code: "unrecognized_keys", pointer: "/accuracy", rule: "no such member", found: "0.9" },
  ]);
});

test("pointers are escaped by RFC 6901, and what is found is shown short", () => {
  expect(jsonPointer(["a/b", "m~n", 0, ""])).toBe("/a~1b/m~0n/0/");
  expect(shown("x".repeat(200))).toHaveLength(80);
  expect([shown(undefined), shown(null), shown([1]), shown([])]).toEqual([
    "nothing",
    "null",
    "1 item",
    "0 items",
  ]);
});
