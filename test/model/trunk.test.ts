import { describe, expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { batchNorm } from "../../harness/engine/ops/batch-norm.ts";
import { type Tensor, tf, valueAndGradients } from "../../harness/engine/tensorflow.ts";
import { purposeKey, uniform } from "../../harness/engine/ops/random.ts";
import { Program, type Scope, type Session, type Variable } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { Network, type ForwardPass } from "../../harness/model/network.ts";
import { sinCosPositions } from "../../harness/model/vit.ts";
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
