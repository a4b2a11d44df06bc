import { fileURLToPath } from "node:url";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { NO_ABLATIONS, canonicalConfiguration } from "../../record/configuration.ts";
import { NO_CUSTOM_CODE, nameOfSource, sourceDigest } from "../../record/custom-code.ts";
import { customName } from "../../record/custom-name.ts";
import { type Inspectable, type Inspectors, inspections } from "../../harness/study/inspections.ts";
import { deriveProtocol } from "../../record/derived-protocol.ts";
import { learningRate } from "../../record/head-places.ts";
import { protocols } from "../../record/protocols.ts";
import type { Steps } from "./custom-steps.ts";

const module = fileURLToPath(new URL("../../harness/train/training-worker.ts", import.meta.url));

const protocol = deriveProtocol(protocols["micro-1"]!, [
  "batch=20",
  "subset.perClass=10",
  "epochs=2",
]);

/** An architecture of the text `net.ts`, with regularizers; or a regularizer `reg.ts` on mlp-8. */
function inspectable(kind: "net" | "reg", text: string, regs = "none"): Inspectable {
  const digest = sourceDigest(text);
  const name = customName(nameOfSource(kind, digest));
  const isNet = kind === "net";
  const code = isNet ? { source: digest, customTaps: ["first"] } : { regSource: digest };
  const configuration = canonicalConfiguration(protocol, {
    ...{ arch: isNet ? name : "mlp-8", regs: isNet ? regs : `${name}=2` },
    ...{ seeds: [1], threads: 1, engine: "cpu", limit: null, save: [], ablations: NO_ABLATIONS },
    ...{ ...NO_CUSTOM_CODE, ...code },
  });
  return {
    configuration: { ...configuration, customTaps: null },
    protocol,
    sources: { source: isNet ? text : null, regSource: isNet ? null : text },
    files: { source: isNet ? "my net.ts" : null, regSource: isNet ? null : "my-reg.ts" },
  };
}

const options: Inspectors = {
  ...{ module, interrupted: new AbortController().signal, variables: {} },
  limits: { load: 2, try: 60 },
};

/** A sound architecture with one line changed. */
const net = (changes: Record<string, string> = {}, head = "") => {
  const lines = {
    imports: `import { denseLayer, reluLayer, dropoutLayer, globalMean, tf } from "rademark/network";`,
    taps: `export const taps = ["first"];`,
    head,
    begin: `export default function (net: any, image: any, options: any) {`,
    size: `  const pixels = image.height * image.width * image.channels;`,
    layer: `  const layer = denseLayer(net, "dense", pixels, 4);`,
    widths: `  const tapWidths = [4];`,
    forward: `  const forward = (images: any, pass: any) => {`,
    flat: `    const x = tf.reshape(images, [-1, pixels]);`,
    body: `    return [tf.relu(layer(x, pass))];`,
    end: `  };`,
    result: `  return { tapWidths, forward };`,
    close: `}`,
  };
  return Object.values({ ...lines, ...changes }).join("\n");
};

type Case = [what: string, text: string, message: RegExp];

const NETS: Case[] = [
  ["a syntax error", net({ size: "const pixels = ;" }), /^my net\.ts:5: SyntaxError/],
  [
    "a name declared twice",
    net({ size: "let pixels = 1; let pixels = 2;" }),
    /^my net\.ts:5: SyntaxError: .*already been declared/,
  ],
  ["an enum", net({ head: "enum A { B }" }), /^my net\.ts:3: .*enum.*no enum, namespace/],
  [
    "no default export",
    net({ begin: "export function f(net, image, options) {" }),
    /^my net\.ts: it has no default export/,
  ],
  [
    "a default export that is no function",
    "export const taps = ['a'];\nexport default 3",
    /default export is number/,
  ],
  ["no taps", net({ taps: "" }), /declares no taps/],
  ["taps of one name", net({ taps: "export const taps = ['a', 'a'];" }), /taps: every name once/],
  [
    "an import of a file",
    net({ head: "\nimport fs from 'node:fs';" }),
    /^my net\.ts:4: it imports "node:fs".*rademark\/network/,
  ],
  [
    "an import at work",
    net({ head: "\n\nawait import('data:text/javascript,1');" }),
    /^my net\.ts:5: it imports "data:/,
  ],
  [
    "an import from a text",
    net({ head: "await eval(\"import('fs')\");" }),
    /^my net\.ts:3: it imports "fs"/,
  ],
  [
    "require",
    net({ size: "const pixels = require('fs');" }),
    /^my net\.ts:5: ReferenceError: require is not defined.*ES module/,
  ],
  [
    "a wrong name from rademark/network",
    net({ imports: "import { denseLayr } from 'rademark/network';" }),
    /^my net\.ts:1: SyntaxError: .*denseLayr/,
  ],
  [
    "its own error",
    net({ flat: "throw new Error('not today');" }),
    /^my net\.ts:9: not today \(in its forward pass in training|^my net\.ts:9: not today \(in its forward pass/,
  ],
  [
    "an image that it does not take",
    net({ size: "const pixels = 7; if (image.height !== 7) throw new Error('7 x 7 only');" }),
    /^my net\.ts:5: 7 x 7 only \(while it built its trunk for images of 32 x 32 x 3/,
  ],
  [
    "shapes that do not go together",
    net({ layer: "const layer = denseLayer(net, 'dense', pixels + 1, 4);" }),
    /^my net\.ts:10: MatMul of \[2, 3072\] and \[3073, 4\]/,
  ],
  [
    "shapes of tf that do not",
    net({ body: "return [tf.add(layer(x, pass), tf.zeros([3]))];" }),
    /^my net\.ts:10: Add of \[2, 4\] and \[3\]: /,
  ],
  [
    "too few widths",
    net({ widths: "const tapWidths = [4, 4];" }),
    /declares 1 tap \(first\), but tapWidths has 2/,
  ],
  [
    "widths that are none",
    net({ widths: "const tapWidths = [0.5];" }),
    /tapWidths must be whole numbers above 0/,
  ],
  ["nothing returned", net({ result: "" }), /must return \{ tapWidths, forward/],
  ["too many taps", net({ body: "return [x, x];" }), /array of 1 tensor.*returned 2 items/],
  [
    "a tap with an axis too many",
    net({ body: "return [tf.expandDims(layer(x, pass), 1)];" }),
    /tap "first" is \[\d, 1, 4\], not \[B, D\] = \[\d, 4\].*globalMean/,
  ],
  ["a tap of another width", net({ body: "return [x];" }), /tap "first" is \[\d, 3072\], not/],
  [
    "a tap of whole numbers",
    net({ body: "return [tf.cast(layer(x, pass), 'int32')];" }),
    /is int32, not float32/,
  ],
  ["a tap that is no tensor", net({ body: "return [[1]];" }), /tap "first" is no tensor/],
  [
    "a tap that is not finite",
    net({ body: "return [tf.log(tf.sub(tf.relu(layer(x, pass)), 1e9))];" }),
    /tap "first" is not finite/,
  ],
  [
    "a parameter made while it computes",
    net({ body: "return [denseLayer(net, 'late', pixels, 4)(x, pass)];" }),
    /forward pass makes a parameter/,
  ],
  [
    "two parameters of one name",
    net({ widths: "const tapWidths = [4]; denseLayer(net, 'dense', 1, 1);" }),
    /^my net\.ts:7: .*dense\/weights.*name of its own/,
  ],
  [
    "a name of the class head",
    net({ layer: "const layer = denseLayer(net, 'class-head', pixels, 4);" }),
    /parameter "class-head\/weights" has a name/,
  ],
  [
    "a name of the optimizer",
    net({
      widths: "const tapWidths = [4]; net.parameter('dense/weights/velocity', [1], { value: 0 });",
    }),
    /dense\/weights\/velocity" has a name/,
  ],
  [
    "a parameter that starts nowhere",
    net({ widths: "const tapWidths = [4]; net.parameter('w', [4], { std: 1 });" }),
    /parameter "w" starts as \{"std":1\}: write \{ deviation/,
  ],
  [
    "a parameter without a size",
    net({ layer: "const layer = denseLayer(net, 'dense', pixels, image.depth);" }),
    /parameter "dense\/weights" has shape \[3072, \]/,
  ],
  [
    "a layer of a name with a space",
    net({ layer: "const layer = denseLayer(net, 'fc 1', pixels, 4);" }),
    /^my net\.ts:6: invalid variable name .*underscores and slashes/,
  ],
  [
    "a parameter that nothing depends on",
    net({ widths: "const tapWidths = [4]; denseLayer(net, 'spare', 4, 4);" }),
    /^my net\.ts: no gradient reaches spare\/weights, spare\/bias/,
  ],
  [
    "an operation without gradient",
    net({
      body: "const y = layer(x, pass); return [tf.mul(y, tf.topk(y, 1).values)];",
    }),
    /^my net\.ts: Cannot compute gradient: gradient function not found for TopK/,
  ],
  [
    "a batch that is always two",
    net({ body: "return [tf.add(layer(x, pass), tf.zeros([2, 4]))];" }),
    /^my net\.ts:10: .*\[3, 4\]|3,4/,
  ],
  [
    "images that depend on each other",
    net({ body: "const y = layer(x, pass); return [tf.sub(y, tf.mean(y, 0, true))];" }),
    /depends, in evaluation, on the other images/,
  ],
  [
    "dice",
    net({ widths: "const tapWidths = [3 + Math.ceil(Math.random())];" }),
    /^my net\.ts:7: it uses Math\.random\(\).*pass\.noise/,
  ],
  [
    "dice of tf",
    net({ body: "return [tf.add(layer(x, pass), tf.randomNormal([4]))];" }),
    /^my net\.ts:10: it uses Math\.random/,
  ],
  [
    "a clock when it is loaded",
    net({ head: "const start = Date.now();" }),
    /^my net\.ts:3: it uses Date\.now/,
  ],
  [
    "a date",
    net({ size: "const pixels = new Date().getHours();" }),
    /^my net\.ts:5: it uses new Date/,
  ],
  [
    "values that it reads",
    net({ body: "const y = layer(x, pass); return [y.dataSync()[0] > 0 ? y : tf.neg(y)];" }),
    /^my net\.ts:10: it reads the values of a tensor/,
  ],
  [
    "a memory of calls",
    net({ head: "let calls = 0;", body: "return [tf.mul(layer(x, pass), ++calls)];" }),
    /keeps something between passes/,
  ],
  [
    "an endless loop",
    net({ head: "for (;;);" }),
    /^my net\.ts: not loaded after 2 s: is there an endless loop/,
  ],
  ["a process that it ends", net({ head: "globalThis.process.exit(3);" }), /code 3/],
];

const REG = (body: string) =>
  `import { tf } from "rademark/network";\nexport default ({ taps, weights }: any) => ${body};`;

const REGS: Case[] = [
  ["a vector", REG("tf.square(taps[0])"), /^my-reg\.ts: its loss is \[2, 8\], not a scalar/],
  [
    "a number",
    REG("3"),
    /^my-reg\.ts: its function must return a scalar tensor; it returned number/,
  ],
  ["whole numbers", REG("tf.scalar(3, 'int32')"), /its loss is int32/],
  ["a tap too many", REG("tf.mean(tf.square(taps[2]))"), /^my-reg\.ts:2: .*(undefined|Argument)/],
  ["no finite gradient", REG("tf.sum(tf.sqrt(tf.mul(weights[1].value, 0)))"), /not finite/],
  [
    "taps of its own",
    `export const taps = ["a"];\nexport default () => 0`,
    /so it is an architecture/,
  ],
];

/** What is found of each case, or what is said to be wrong, by one worker as long as it lives. */
const answers: string[] = [];

beforeAll(async () => {
  const wanted = [
    ...REGS.map(([, text]) => inspectable("reg", text)),
    ...[net(), ...NETS.map(([, text]) => text)].map((text) => inspectable("net", text)),
    inspectable("net", net(), "dropout=0.5"),
  ];
  for await (const each of inspections(wanted, options))
    answers.push(each instanceof Error ? each.message : JSON.stringify(each));
});

test.each(REGS.map(([what, , message], i) => ({ what, message, i })))(
  "a regularizer with $what is refused, where it is wrong",
  ({ message, i }) => {
    expect(answers[i]).toMatch(message);
  },
);

test("a sound architecture tells its taps and their widths", () => {
  expect(JSON.parse(answers[REGS.length]!)).toMatchObject({
    ...{ type: "inspected", taps: ["first"], widths: [4], parameters: 3072 * 4 + 4 + 4 * 10 + 10 },
  });
});

test.each(NETS.map(([what, , message], i) => ({ what, message, i })))(
  "an architecture with $what is refused, where it is wrong",
  ({ message, i }) => {
    expect(answers[REGS.length + 1 + i]).toMatch(message);
  },
);

test("dropout that an architecture does not read is refused", () => {
  expect(answers.at(-1)).toMatch(/^my net\.ts: dropout=0\.5 was asked for, but it never reads/);
});

test("examples train as any other: recorded as eagerly, their loss by its gradient, and idle at strength 0", async () => {
  const script = fileURLToPath(new URL("custom-steps.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const { compared, gradients, idle } = JSON.parse(stdout) as Steps;
  expect(compared.map(({ arch }) => arch)).toEqual(["skip-mlp", "tiny-transformer", "cnn-2"]);
  for (const { apart, counts } of compared) {
    expect(counts[0]).toEqual(counts[1]);
    expect(apart).toBeLessThan(2e-4);
  }
  // The first step of an epoch of one, at the full rate.
  const rate = learningRate({ ...protocols["micro-1"]!, epochs: 2 }, 0, 1);
  expect(gradients.rates).toHaveLength(6);
  for (const each of gradients.rates) expect(each / rate).toBeCloseTo(1, 1);
  for (const each of gradients.doubled) expect(each).toBeCloseTo(2, 3);
  expect(gradients.still).toEqual(
    expect.arrayContaining([
      ...["trunk/class-head/weights", "heads/tap1/weights", "heads/tap2/bias"],
      ...["heads/tap2/mean-square", "frozen-heads/tap2/weights", "counts"],
    ]),
  );
  expect(gradients.moved.every((name) => /^trunk\/dense[12]\//.test(name))).toBe(true);
  expect(gradients.moved).toContain("trunk/dense1/bias");
  expect(idle).toBe(0);
});
