import { expect, test } from "vitest";
import { canonicalJson } from "../../record/canonical-json.ts";

test("RFC 8785 section 3.2.2 and 3.2.3: the primitive data types, sorted", () => {
  const input =
    String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],` +
    String.raw`"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`;
  expect(canonicalJson(JSON.parse(input))).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test("RFC 8785 section 3.2.3: members are sorted by UTF-16 code units", () => {
  const input = String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
    "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`;
  expect(Object.values(JSON.parse(canonicalJson(JSON.parse(input))) as object)).toHaveLength(7);
  expect(canonicalJson(JSON.parse(input)).match(/"[A-Z][^"]*"/g)).toEqual([
    '"Carriage Return"',
    '"One"',
    '"Control"',
    '"Latin Small Letter O With Diaeresis"',
    '"Euro Sign"',
    '"Emoji: Grinning Face"',
    '"Hebrew Letter Dalet With Dagesh"',
  ]);
});

/** RFC 8785 appendix B: the bits of a double and how it is written. */
test.each([
  ["0000000000000000", "0"],
  ["8000000000000000", "0"],
  ["0000000000000001", "5e-324"],
  ["8000000000000001", "-5e-324"],
  ["7fefffffffffffff", "1.7976931348623157e+308"],
  ["ffefffffffffffff", "-1.7976931348623157e+308"],
  ["4340000000000000", "9007199254740992"],
  ["c340000000000000", "-9007199254740992"],
  ["4430000000000000", "295147905179352830000"],
  ["44b52d02c7e14af5", "9.999999999999997e+22"],
  ["44b52d02c7e14af6", "1e+23"],
  ["44b52d02c7e14af7", "1.0000000000000001e+23"],
  ["444b1ae4d6e2ef4e", "999999999999999700000"],
  ["444b1ae4d6e2ef4f", "999999999999999900000"],
  ["444b1ae4d6e2ef50", "1e+21"],
  ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
  ["3eb0c6f7a0b5ed8d", "0.000001"],
  ["41b3de4355555553", "333333333.3333332"],
  ["41b3de4355555554", "333333333.33333325"],
  ["41b3de4355555555", "333333333.3333333"],
  ["41b3de4355555556", "333333333.3333334"],
  ["41b3de4355555557", "333333333.33333343"],
  ["becbf647612f3696", "-0.0000033333333333333333"],
  ["43143ff3c1cb0959", "1424953923781206.2"],
])("the double %s is written %s", (bits, text) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  expect(canonicalJson(view.getFloat64(0))).toBe(text);
});

test.each([
  ["NaN", NaN],
  ["Infinity", -Infinity],
  ["a lone surrogate", "\udead"],
  ["a lone surrogate as a name", { "\ud800": 1 }],
  ["undefined", { a: undefined }],
  ["a hole", [, 1]],
  ["a big integer", 1n],
  ["a function", () => 1],
])("%s is refused", (_, value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});
