import { describe, expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { dense } from "../../harness/engine/ops/activation.ts";
import { batchNorm, layerNorm } from "../../harness/engine/ops/batch-norm.ts";
import { purposeKey, uniform } from "../../harness/engine/ops/graph-random.ts";
import { Program, type Scope, type Session, type Variable } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { type Tensor, tf, valueAndGradients, tidy } from "../../harness/engine/tensorflow.ts";
import { Network, type ForwardPass } from "../../harness/model/network.ts";
import { normedDense, normedPerceptron, perceptron } from "../../harness/model/token-layers.ts";
import { buildTrunk } from "../../harness/model/trunk.ts";
import { sinCosPositions } from "../../harness/model/vit.ts";
import { ARCHITECTURES, parseArchitecture, tapNames } from "../../record/architecture.ts";
import { BATCH, IMAGE, IMAGES, SMALL_TRUNKS, startParameters } from "./small-trunks.ts";

const inputs = {
  images: { shape: [BATCH, IMAGE.height, IMAGE.width, IMAGE.channels], dtype: "float32" },
  key: { shape: [2], dtype: "int32" },
} as const;
const feed = (step: number) => ({ images: IMAGES, key: Int32Array.of(1, step) });

/** Batch statistics, and the parameters as tensors that gradients can be asked for. */
function trainingPass(scope: Scope, key: Tensor, values: ReadonlyMap<Variable, Tensor>) {
  let draws = 0;
  const normalised: Variable[] = [];
  const read = (variable: Variable) => values.get(variable) ?? scope.read(variable);
  const pass: ForwardPass = {
    training: true,
    layerNormEpsilon: 1e-5,
    read,
    noise: (shape) => uniform(shape, purposeKey(key, ++draws)),
    normalise(x, { gamma, beta, statistics }) {
      normalised.push(statistics.mean);
      return batchNorm({ x, gamma: read(gamma), beta: read(beta) }, 1e-5).y;
    },
  };
  return { pass, normalised, draws: () => draws };
}

type Build = (typeof SMALL_TRUNKS)[number][1];

/** A step of plain gradient descent on a sum of the taps, and the taps themselves. */
function stepProgram(build: Build, dropout: number) {
  const program = new Program();
  const net = new Network(program, "trunk");
  const trunk = build(net, dropout);
  const variables = net.parameters.map(({ variable }) => variable);
  program.define("step", inputs, ({ images, key }, scope) => {
    const values = variables.map((variable) => scope.read(variable));
    const { pass } = trainingPass(scope, key!, new Map(variables.map((v, i) => [v, values[i]!])));
    const { value, gradients } = valueAndGradients(() => {
      const taps = tf.concat(trunk.forward(images!, pass), 1);
      return tf.mean(tf.mul(taps, tf.sin(tf.mul(taps, 1.5))));
    }, values);
    const out: Record<string, Tensor> = { loss: value };
    for (const [i, variable] of variables.entries()) {
      out[variable.name] = gradients[i]!;
      scope.assign(variable, tf.sub(values[i]!, tf.mul(gradients[i]!, 0.1)));
    }
    return out;
  });
  return { program, net, trunk };
}

const largest = (values: Iterable<number>) => Math.max(...Array.from(values, Math.abs));

describe.each(SMALL_TRUNKS)("%s", (_, build) => {
  test("trains the same in the graph as operation by operation, dropout included", () => {
    const { program, net } = stepProgram(build, 0.3);
    const [graph, eager] = [recordProgram, runEagerly].map((make) => {
      const session: Session = make(program);
      startParameters(session, net);
      const steps = [session.run("step", feed(1)), session.run("step", feed(2))];
      session.close();
      return steps as Record<string, Float32Array>[];
    });
    for (const step of [0, 1])
      for (const [name, expected] of Object.entries(eager![step]!)) {
        const got = graph![step]![name]!;
        const difference = largest(got.map((x, i) => x - expected[i]!));
        expect(largest(expected), `${name} has a gradient`).toBeGreaterThan(0);
        expect(difference, name).toBeLessThan(1e-4 * Math.max(largest(expected), 1e-3));
      }
  });

  const forward = (dropout: number) => {
    const program = new Program();
    const net = new Network(program, "trunk");
    const trunk = build(net, dropout);
    const seen = { normalised: [] as Variable[], draws: 0 };
    program.define("taps", inputs, ({ images, key }, scope) => {
      const { pass, normalised, draws } = trainingPass(scope, key!, new Map());
      const taps = trunk.forward(images!, pass);
      Object.assign(seen, { normalised, draws: draws() });
      return Object.fromEntries(taps.map((tap, t) => [t + 1, tap]));
    });
    program.define("evaluate", inputs, ({ images }, scope) => {
      const { pass } = trainingPass(scope, tf.tensor1d([0, 0], "int32"), new Map());
      const taps = trunk.forward(images!, { ...pass, training: false });
      return Object.fromEntries(taps.map((tap, t) => [t + 1, tap]));
    });
    const session = runEagerly(program);
    startParameters(session, net);
    const [taps, evaluated] = ["taps", "evaluate"].map((name) =>
      Object.values(session.run(name, feed(1))),
    );
    session.close();
    return { taps: taps!, evaluated: evaluated!, seen, net, trunk };
  };

  test("gives a row for each image and tap, of the width it announces", () => {
    const { taps, trunk } = forward(0);
    expect(taps.map((tap) => tap.length / BATCH)).toEqual(trunk.tapWidths);
  });

  test("runs each BatchNorm once a pass", () => {
    const { seen, net } = forward(0);
    const names = (variables: Variable[]) => variables.map(({ name }) => name).sort();
    expect(names(seen.normalised)).toEqual(names(net.statistics.map(({ mean }) => mean)));
  });

  test("draws no noise without dropout, and evaluates as if there were none", () => {
    const [without, dropped] = [forward(0), forward(0.5)];
    expect(without.seen.draws).toBe(0);
    expect(dropped.seen.draws).toBeGreaterThan(0);
    expect(dropped.evaluated).toEqual(without.taps);
    expect(dropped.taps).not.toEqual(without.taps);
  });
});

describe("dropout sits where the method's table says", () => {
  const taps = (name: string, dropout: number) => {
    const build = SMALL_TRUNKS.find(([n]) => n === name)![1];
    const program = new Program();
    const net = new Network(program, "trunk");
    const trunk = build(net, dropout);
    let draws = 0;
    program.define("taps", inputs, ({ images, key }, scope) => {
      const made = trainingPass(scope, key!, new Map());
      const result = trunk.forward(images!, made.pass);
      draws = made.draws();
      return Object.fromEntries(result.map((tap, t) => [t + 1, tap]));
    });
    const session = runEagerly(program);
    startParameters(session, net);
    const result = Object.values(session.run("taps", feed(1))) as Float32Array[];
    session.close();
    return { result, draws };
  };

  test.each(["cnn", "vgg", "resnet"])("%s: before the class head only", (name) => {
    const [plain, dropped] = [taps(name, 0), taps(name, 0.5)];
    expect(dropped.draws).toBe(1);
    expect(dropped.result.slice(0, -1)).toEqual(plain.result.slice(0, -1));
    const [before, after] = [plain.result.at(-1)!, dropped.result.at(-1)!];
    for (const [i, x] of after.entries()) expect([0, 2 * before[i]!]).toContain(x);
    expect(after).toContain(0);
  });

  test("mlp: after each hidden activation, so each tap has it", () => {
    const { result, draws } = taps("mlp", 0.5);
    const plain = taps("mlp", 0).result;
    expect(draws).toBe(2);
    const dropped = (t: number) =>
      plain[t]!.filter((x, i) => x !== 0 && result[t]![i] === 0).length;
    expect(dropped(0)).toBeGreaterThan(0);
    expect(dropped(1)).toBeGreaterThan(0);
  });

  test.each([
    // One block a group; four blocks of two branches.
    ["wrn", 3],
    ["vit", 8],
    ["mixer", 8],
  ])("%s: inside every block", (name, places) => {
    const [plain, dropped] = [taps(name, 0), taps(name, 0.5)];
    expect(dropped.draws).toBe(places);
    for (const [t, tap] of plain.result.entries()) expect(dropped.result[t]).not.toEqual(tap);
  });
});

describe("positions of a vision transformer", () => {
  test("are sine and cosine of column, then of row, in quarters of the width", () => {
    const positions = sinCosPositions(2, 3, 8);
    const token = [...positions.slice(5 * 8, 6 * 8)]; // row 1, column 2
    const slow = 1e-4;
    const expected = [2, 2 * slow]
      .map(Math.sin)
      .concat([2, 2 * slow].map(Math.cos), [1, slow].map(Math.sin), [1, slow].map(Math.cos));
    for (const [i, x] of expected.entries()) expect(token[i]).toBeCloseTo(x, 6);
  });

  test("differ between any two tokens", () => {
    const positions = sinCosPositions(8, 8, 192);
    const rows = Array.from({ length: 64 }, (_, t) =>
      positions.slice(192 * t, 192 * (t + 1)).join(),
    );
    expect(new Set(rows).size).toBe(64);
  });
});

/** Names of the parameters that tap `t` (from 1; -1: the last) depends on, without their prefix. */
function reach(name: string, t: number): string[] {
  const build = SMALL_TRUNKS.find(([n]) => n === name)![1];
  const program = new Program();
  const net = new Network(program, "trunk");
  const trunk = build(net, 0);
  const variables = net.parameters.map(({ variable }) => variable);
  let reached: string[] = [];
  program.define("reach", {}, (_, scope) => {
    const values = new Map(variables.map((v) => [v, scope.read(v)]));
    const read = (v: (typeof variables)[number]) => values.get(v)!;
    const pass: ForwardPass = {
      training: true,
      layerNormEpsilon: 1e-5,
      read,
      noise: () => tf.scalar(0),
      normalise: (x, { gamma, beta }) =>
        batchNorm({ x, gamma: read(gamma), beta: read(beta) }, 1e-5).y,
    };
    const images = tf.tensor(IMAGES, [BATCH, IMAGE.height, IMAGE.width, IMAGE.channels]);
    const { gradients } = valueAndGradients(
      (): Tensor => tf.sum(tf.square(trunk.forward(images, pass).at(t < 0 ? t : t - 1)!)),
      [...values.values()],
    );
    reached = variables.filter((_, i) => gradients[i]).map((v) => v.name.slice("trunk/".length));
    return {};
  });
  const session = runEagerly(program);
  startParameters(session, net);
  session.run("reach");
  session.close();
  return reached;
}

/** The first part of each name, once: stages, groups, blocks. */
const parts = (names: string[]) => [...new Set(names.map((name) => name.split("/")[0]))];

test.each([
  ["mlp", 1, ["dense1"]],
  ["cnn", 2, ["conv1", "norm1", "conv2", "norm2"]],
  ["vgg", 2, ["stage1", "stage2"]],
  ["resnet", 1, ["stem"]],
  ["resnet", 3, ["stem", "stage1", "stage2"]],
  ["vit", 1, ["embedding", "block1"]],
  ["vit", 3, ["embedding", "block1", "block2", "block3"]],
  ["vit", 4, ["embedding", "block1", "block2", "block3", "block4", "norm"]],
  ["mixer", 2, ["embedding", "block1", "block2"]],
])("%s: tap %i ends with the last of %j", (name, tap, expected) => {
  expect(parts(reach(name, tap))).toEqual(expected);
});

test("wrn: a group's tap goes through the norm that the next group reads it with, and no further", () => {
  const beyond = reach("wrn", 1).filter((name) => name.startsWith("group2"));
  expect(beyond).toEqual(["group2/block1/norm1/gamma", "group2/block1/norm1/beta"]);
});

test.each(SMALL_TRUNKS)("%s: the last tap depends on every parameter", (name, build) => {
  const net = new Network(new Program(), "trunk");
  build(net, 0);
  expect(reach(name, -1)).toHaveLength(net.parameters.length);
});

const EPSILON = 1e-5;

/** Values of every parameter, away from where scale 1 and shift 0 would hide a mistake. */
function valuesOf(net: Network): Map<Variable, Tensor> {
  return new Map(
    net.parameters.map(({ variable }, i) => [
      variable,
      tf.randomNormal([...variable.shape], i === 0 ? 1 : 0, 0.4, "float32", i + 1),
    ]),
  );
}

const passOver = (values: Map<Variable, Tensor>): ForwardPass => ({
  training: true,
  layerNormEpsilon: EPSILON,
  read: (variable) => values.get(variable)!,
  noise: () => {
    throw new Error("draws no noise");
  },
  normalise: () => {
    throw new Error("has no BatchNorm");
  },
});

/** x/2 (1 + erf(x/sqrt 2)), as written. */
const gelu = (x: Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

const tokens = () => tf.randomNormal([2, 3, 4], 0.5, 2, "float32", 9);

function apart(
  make: (net: Network) => { layer: (pass: ForwardPass) => Tensor; plain: Plain },
): number {
  return tidy(() => {
    const net = new Network(new Program(), "n");
    const { layer, plain } = make(net);
    const values = valuesOf(net);
    const byName = (name: string) =>
      values.get(net.parameters.find(({ variable }) => variable.name === `n/${name}`)!.variable)!;
    const difference = tf.abs(tf.sub(layer(passOver(values)), plain(byName)));
    return tf.max(difference).dataSync()[0]!;
  });
}
type Plain = (value: (name: string) => Tensor) => Tensor;

test("a dense layer with a folded norm is the norm and then the dense layer", () => {
  const difference = apart((net) => {
    const layer = normedDense(
      net,
      { norm: "norm", dense: "dense" },
      { inputs: 4, outputs: 5 },
      [1, 2, 3, 4, 5],
    );
    return {
      layer: (pass) => layer(tokens(), pass),
      plain: (v) => {
        const n = layerNorm(tokens(), v("norm/gamma"), v("norm/beta"), EPSILON);
        return tf.mul(dense(n, v("dense/weights"), v("dense/bias")), [1, 2, 3, 4, 5]);
      },
    };
  });
  expect(difference).toBeLessThan(1e-5);
});

const mlp = (x: Tensor, v: (name: string) => Tensor) =>
  dense(
    gelu(dense(x, v("mlp/dense1/weights"), v("mlp/dense1/bias"))),
    v("mlp/dense2/weights"),
    v("mlp/dense2/bias"),
  );

test("a perceptron with folded roots is dense, GELU, dense", () => {
  const difference = apart((net) => {
    const layer = perceptron(net, "mlp", 4, 6);
    return { layer: (pass) => layer(tokens(), pass), plain: (v) => mlp(tokens(), v) };
  });
  expect(difference).toBeLessThan(1e-5);
});

test("a normed perceptron is norm, dense, GELU, dense", () => {
  const difference = apart((net) => {
    const layer = normedPerceptron(net, { norm: "norm", mlp: "mlp" }, 4, 6);
    return {
      layer: (pass) => layer(tokens(), pass),
      plain: (v) => mlp(layerNorm(tokens(), v("norm/gamma"), v("norm/beta"), EPSILON), v),
    };
  });
  expect(difference).toBeLessThan(1e-5);
});

const CIFAR = { height: 32, width: 32, channels: 3 };
const FASHION = { height: 28, width: 28, channels: 1 };

function build(name: string, image = CIFAR) {
  const net = new Network(new Program(), "trunk");
  const trunk = buildTrunk(net, parseArchitecture(name), image, 0);
  return { net, trunk, last: trunk.tapWidths.at(-1)! };
}

/** Trunk and a class head of D N + N. */
function count(name: string, classes: number) {
  const { net, last } = build(name);
  return net.size + last * classes + classes;
}

/** Weights and biases of dense layers, each [inputs, outputs]. */
const sizes = (...layers: [number, number][]) => layers.reduce((sum, [i, o]) => sum + i * o + o, 0);

test.each([
  // The three that the method pins.
  ["wrn-16-4", 100, 2_772_020],
  ["resnet-18", 10, 11_173_962],
  ["resnet-20", 10, 272_474],
  ["mlp-512", 10, sizes([3072, 512], [512, 512], [512, 10])],
  ["cnn-16", 10, 9 * (3 * 16 + 16 * 32 + 32 * 64) + 2 * (16 + 32 + 64) + sizes([64, 10])],
  // torchvision's vgg11_bn has 9,225,984 in its convolutions, biases and norms; here no biases (2,752).
  ["vgg-11", 10, 9_225_984 - 2_752 + sizes([512, 10])],
  [
    "vit-ti-4",
    10,
    2 * 48 +
      sizes([48, 192]) +
      2 * 192 +
      12 * (4 * 192 + sizes([192, 576], [192, 192], [192, 768], [768, 192])) +
      2 * 192 +
      sizes([192, 10]),
  ],
  [
    "vit-xs-8",
    10,
    2 * 192 +
      sizes([192, 64]) +
      2 * 64 +
      12 * (4 * 64 + sizes([64, 192], [64, 64], [64, 256], [256, 64])) +
      2 * 64 +
      sizes([64, 10]),
  ],
  [
    "mixer-s-4",
    10,
    sizes([48, 512]) +
      8 * (4 * 512 + sizes([64, 256], [256, 64], [512, 2048], [2048, 512])) +
      2 * 512 +
      sizes([512, 10]),
  ],
])("%s with %i classes has %i parameters", (name, classes, expected) => {
  expect(count(name, classes)).toBe(expected);
});

test.each(ARCHITECTURES.map(({ example }) => example).concat("resnet-18", "wrn-28-10"))(
  "%s has a width for each tap of the record, on colour and on grey images",
  (name) => {
    for (const image of [CIFAR, FASHION])
      expect(build(name, image).trunk.tapWidths).toHaveLength(
        tapNames(parseArchitecture(name), null).length,
      );
  },
);

test.each([
  ["wrn-16-4", [64, 128, 256]],
  ["resnet-18", [64, 64, 128, 256, 512]],
  ["vgg-11", [64, 128, 256, 512, 512]],
  ["vit-b-32", [768, 768, 768, 768]],
])("the taps of %s are %j wide", (name, widths) => {
  expect(build(name).trunk.tapWidths).toEqual(widths);
});

test("an image that does not divide into patches is a mistake with a sentence", () => {
  expect(() => build("vit-ti-5")).toThrow(/32 x 32 does not divide into patches of 5 x 5/);
});

test("residual networks start by fan-out, all others by fan-in", () => {
  const deviation = (name: string, parameter: string) => {
    const { net } = build(name);
    const found = net.parameters.find(({ variable }) => variable.name === `trunk/${parameter}`)!;
    return "deviation" in found.initial ? found.initial.deviation : found.initial.value;
  };
  expect(deviation("wrn-16-4", "group2/block1/conv1/filter")).toBe(Math.sqrt(2 / (9 * 128)));
  expect(deviation("resnet-18", "stage2/block1/shortcut/filter")).toBe(Math.sqrt(2 / 128));
  expect(deviation("cnn-16", "conv2/filter")).toBe(Math.sqrt(2 / (9 * 16)));
  expect(deviation("mlp-512", "dense2/weights")).toBe(Math.sqrt(2 / 512));
  expect(deviation("mlp-512", "dense2/bias")).toBe(0);
  expect(deviation("wrn-16-4", "norm/gamma")).toBe(1);
});
