import { describe, expect, test } from "vitest";
import { op, tf } from "../../harness/engine/tensorflow.ts";
import { Program } from "../../harness/engine/program.ts";
import { recordProgram } from "../../harness/engine/recorded-session.ts";
import { runEagerly } from "../../harness/engine/eager-session.ts";
import { normal, purposeKey, uniform } from "../../harness/engine/ops/random.ts";
import { f, start } from "./sessions.ts";

/** Random numbers, a product with many terms, and float64: what could differ between runs. */
function numbers(): Program {
  const program = new Program();
  const key = { key: { shape: [2], dtype: "int32" } } as const;
  program.define("draw", key, ({ key }) => {
    const a = normal([64, 300], key!);
    const b = uniform([300, 48], purposeKey(key!, 5));
    return {
      a,
      b,
      other: uniform([300, 48], purposeKey(key!, 6)),
      product: op("MatMul", [a, b], {
        T: { type: "float32" },
        transpose_a: { bool: false },
        transpose_b: { bool: false },
      }),
    };
  });
  program.define("third", {}, () => {
    const cast = {
      SrcT: { type: "float32" },
      DstT: { type: "float64" },
      Truncate: { bool: false },
    } as const;
    const [one, three] = [1, 3].map((x) => op("Cast", [tf.tensor2d([[x, -x]])], cast));
    return {
      third: op("RealDiv", [one!, tf.clone(three!)], { T: { type: "float64" } }),
      single: tf.scalar(1),
    };
  });
  return program;
}

describe("numbers", () => {
  const program = numbers();
  const [first, second, eager] = [recordProgram, recordProgram, runEagerly].map((make) =>
    start(make, program),
  );
  const key = Int32Array.of(7, 11);
  const bits = (values: Record<string, { buffer: ArrayBufferLike }>) =>
    Object.values(values).map(({ buffer }) => Buffer.from(buffer).toString("base64"));

  test("are the same to the last bit in every run and in another session", () => {
    const once = bits(first!.run("draw", { key }));
    for (let k = 0; k < 10; k++) expect(bits(first!.run("draw", { key }))).toEqual(once);
    expect(bits(second!.run("draw", { key }))).toEqual(once);
  });

  test("that are random are the same in the graph and eagerly", () => {
    const [graph, plain] = [first!, eager!].map((s) => s.run("draw", { key }));
    for (const name of ["a", "b", "other"]) expect(graph![name]).toEqual(plain![name]);
  });

  test("that are random depend on both words of the key and on the purpose, and on nothing else", () => {
    const draw = (...words: [number, number]) =>
      first!.run("draw", { key: Int32Array.from(words) }) as Record<string, Float32Array>;
    const { a, b, other } = draw(7, 11);
    expect(b).not.toEqual(other);
    expect(draw(8, 11)["a"]).not.toEqual(a);
    expect(draw(7, 12)["a"]).not.toEqual(a);
    expect(draw(7, 11)["a"]).toEqual(a);
    expect(Math.min(...b!)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...b!)).toBeLessThan(1);
    const mean = (x: Float32Array) => x.reduce((sum, y) => sum + y, 0) / x.length;
    expect(mean(b!)).toBeCloseTo(0.5, 1);
    expect(mean(a!)).toBeCloseTo(0, 1);
    expect(mean(a!.map((x) => x * x))).toBeCloseTo(1, 1);
  });

  test("of float64 arrive whole", () => {
    for (const session of [first!, eager!]) {
      const { third, single } = session.run("third");
      expect(third).toEqual(Float64Array.of(1 / 3, 1 / 3));
      expect(single).toEqual(f(1));
    }
  });
});
