/**
 * @file How much memory a program will take, without loading or running it.
 *
 * Sizes of a graph's values are affine in the batch: a constant plus a number of bytes for each sample. Two recordings
 * with small batches give both, and a walk through the operations in order gives the peak.
 */

import { handleNode, recordFunction } from "./recorded-session.ts";
import { type DType, type Tensor, dtypeOf, sizeOf, tf, tidy } from "./tensorflow.ts";
import { Graph, type Output } from "./graph.ts";
import type { Program, ProgramFunction, Variable } from "./program.ts";

/** Samples in one call of each function. */
export type Batches = Readonly<Record<string, number>>;

const BYTES: Record<DType, number> = {
  float32: 4,
  float64: 8,
  int32: 4,
  uint8: 1,
  int64: 8,
  bool: 1,
};

/** One operation: what it reads, and what it makes, in bytes. */
interface Operation {
  reads: readonly Output[];
  makes: { name: Output; bytes: number }[];
}

class MeasuredGraph extends Graph {
  readonly operations: Operation[] = [];

  protected override onOperation(reads: readonly Output[], outputs: readonly Tensor[]): void {
    const makes = outputs.map((tensor) => ({ name: this.output(tensor), bytes: bytesOf(tensor) }));
    this.operations.push({ reads, makes });
  }
}

const bytesOf = (tensor: Tensor) => BYTES[dtypeOf(tensor)] * sizeOf(tensor.shape);

/** Bytes of the variables, an open axis of each having the length that `lengths` gives. */
export function variableBytes(
  variables: readonly Variable[],
  lengths: (variable: Variable) => number,
): number {
  return variables.reduce((sum, variable) => {
    const shape = variable.shape.map((size) => (size < 0 ? lengths(variable) : size));
    return sum + BYTES[variable.dtype] * sizeOf(shape);
  }, 0);
}

/**
 * The most bytes that one call of any function holds at once: feeds, intermediate values and outputs, but not the
 * variables.
 *
 * @param build makes the program for calls of that many samples.
 * @param batches samples of each function; a function that is not named has no batch.
 */
export function peakBytes(build: (samples: number) => Program, batches: Batches): number {
  const [small, large] = BATCHES.map((samples) => recordAll(build(samples))) as [
    Recorded,
    Recorded,
  ];
  const peaks = Array.from(small, ([name, { fed, operations }]) => {
    const other = large.get(name)!;
    if (other.operations.length !== operations.length)
      throw new Error(`${name} has other operations at another batch size`);
    const at = affine(batches[name] ?? BATCHES[0]);
    const scaled = operations.map(({ reads, makes }, i) => ({
      reads,
      makes: makes.map(({ name, bytes }, k) => ({
        name,
        bytes: at(bytes, other.operations[i]!.makes[k]!.bytes),
      })),
    }));
    return FED_COPIES * at(fed, other.fed) + mostAlive(scaled);
  });
  return Math.max(...peaks);
}

/** Batch sizes of the two recordings. */
const BATCHES = [2, 4] as const;
/** Copies of a fed value: JavaScript's array, TensorFlow's tensor, and the one that the graph makes. */
const FED_COPIES = 3;

const affine = (samples: number) => (a: number, b: number) =>
  a + ((b - a) * (samples - BATCHES[0])) / (BATCHES[1] - BATCHES[0]);

type Recorded = Map<string, { fed: number; operations: Operation[] }>;

function recordAll(program: Program): Recorded {
  return new Map(
    Array.from(program.functions.values(), (spec) => {
      const graph = new MeasuredGraph();
      const handles = new Map(program.variables.map((v) => [v, handleNode(graph, v)]));
      const one = tidy(() => graph.output(tf.scalar(1)));
      recordFunction(graph, spec, (variable) => handles.get(variable)!, one);
      return [spec.name, { fed: fedBytes(spec), operations: graph.operations }];
    }),
  );
}

const fedBytes = ({ inputs }: ProgramFunction) =>
  Object.values(inputs).reduce((sum, { shape, dtype }) => sum + BYTES[dtype] * sizeOf(shape), 0);

/** Peak bytes: every value lives from the operation that makes it to the last one that reads it. */
function mostAlive(operations: readonly Operation[]): number {
  const lastRead = new Map<Output, number>();
  for (const [i, { reads }] of operations.entries())
    for (const name of reads) lastRead.set(name, i);
  const sizes = new Map<Output, number>();
  let [alive, most] = [0, 0];
  for (const [i, { reads, makes }] of operations.entries()) {
    for (const { name, bytes } of makes) {
      sizes.set(name, bytes);
      alive += bytes;
    }
    most = Math.max(most, alive);
    for (const name of new Set([...reads, ...makes.map(({ name }) => name)]))
      if ((lastRead.get(name) ?? i) === i) {
        alive -= sizes.get(name) ?? 0;
        sizes.delete(name);
      }
  }
  return most;
}
