import { describe, expect, test } from "vitest";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { adamStep } from "../../harness/engine/ops/adam.ts";
import { Program, type Session } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { tf } from "../../harness/engine/tensorflow.ts";

const [rate, epsilon, decay] = [0.01, 1e-3, 0.1];
const betas = [0.9, 0.999] as const;
const start = [0.5, -1.25, 2, 1e-3];
const gradients = [
  [0.3, -0.2, 1e-4, 5],
  [0.1, 0.4, -2e-4, -3],
  [-0.7, 0.05, 1e-4, 0],
];

/** torch.optim.AdamW of PyTorch 2.15 with the numbers above, after each step. */
const TORCH = [
  [0.489533216, -1.23879969, 1.99709094, -0.00899899937],
  [0.480371833, -1.24121034, 1.99559367, -0.010904517],
  [0.482937306, -1.2434783, 1.99359488, -0.0123734586],
];

function program() {
  const program = new Program();
  const [w, m, v] = ["w", "m", "v"].map((name) => program.variable(name, [4]));
  const inputs = {
    g: { shape: [4], dtype: "float32" },
    step: { shape: [], dtype: "float32" },
  } as const;
  program.define("train", inputs, ({ g, step }, scope) => {
    const scalars = adamStep({ rate: tf.scalar(rate), step: step!, betas, epsilon });
    scope.assign(w!, tf.mul(scope.read(w!), 1 - rate * decay));
    scope.adam(w!, [m!, v!], g!, scalars);
    return { w: scope.read(w!), m: scope.read(m!), v: scope.read(v!) };
  });
  return { program, w: w!, m: m!, v: v! };
}

describe.each([
  ["recorded", recordProgram],
  ["eager", runEagerly],
])("Adam in a %s session", (_, make) => {
  const train = () => {
    const { program: p, w, m, v } = program();
    const session: Session = make(p);
    const zero = new Float32Array(4);
    session.writeAll([
      [w, Float32Array.from(start)],
      [m, zero],
      [v, zero],
    ]);
    const states = gradients.map((g, t) =>
      session.run("train", { g: Float32Array.from(g), step: Float32Array.of(t + 1) }),
    );
    session.close();
    return states as Record<string, Float32Array>[];
  };

  test("after a decay of the weights is PyTorch's AdamW, its epsilon too", () => {
    for (const [t, { w }] of train().entries())
      for (const [i, torch] of TORCH[t]!.entries()) expect(w![i]).toBeCloseTo(torch, 6);
  });

  test("keeps the moments of the paper's algorithm", () => {
    const [m, v] = [new Array<number>(4).fill(0), new Array<number>(4).fill(0)];
    for (const [t, state] of train().entries())
      for (const [i, g] of gradients[t]!.entries()) {
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        expect(state["m"]![i]).toBeCloseTo(m[i], 6);
        // 1 - 0.999 of float32 is off by 1e-5 of itself, in PyTorch as here.
        expect(state["v"]![i]! / v[i]).toBeCloseTo(1, 4);
      }
  });
});
