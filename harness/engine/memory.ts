/**
 * @file How much memory a program will take, without loading or running it.
 *
 * Sizes of a graph's values are affine in the batch: so many bytes, and so many for each sample. Two recordings with
 * small batches give both, and a walk along the operations in their order gives the most that lives at one moment.
 */

import { handleNode, recordFunction } from "./recorded-session.ts";
import { type DType, type Tensor, dtypeOf, sizeOf, tf, tidy } from "./tensorflow.ts";
import { Graph, type Output } from "./graph.ts";
import type { Program, ProgramFunction, Variable } from "./program.ts";

/** Samples that one call of each function takes. */
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
interface Step {
  reads: readonly Output[];
  makes: { name: Output; bytes: number }[];
}

class Ledger extends Graph {
  readonly steps: Step[] = [];

  protected override noted(reads: readonly Output[], outputs: readonly Tensor[]): void {
    const makes = outputs.map((tensor) => ({ name: this.output(tensor), bytes: bytesOf(tensor) }));
    this.steps.push({ reads, makes });
  }
}

const bytesOf = (tensor: Tensor) => BYTES[dtypeOf(tensor)] * sizeOf(tensor.shape);

/** Bytes of the variables, where each open axis is as long as `lengths` says. */
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
 * The most bytes of values that one call of any function holds at a moment: what it is fed, what it makes, what it
 * answers. Variables are not in it.
 *
 * @param build the program for calls of so many samples.
 * @param batches of each function; one that is not named has no batch.
 */
export function peakBytes(build: (samples: number) => Program, batches: Batches): number {
  const [few, more] = PROBES.map((samples) => recordAll(build(samples))) as [Recorded, Recorded];
  const peaks = Array.from(few, ([name, { fed, steps }]) => {
    const other = more.get(name)!;
    if (other.steps.length !== steps.length) throw new Error(`${name} differs with its batch`);
    const at = affine(batches[name] ?? PROBES[0]);
    const grown = steps.map(({ reads, makes }, i) => ({
      reads,
      makes: makes.map(({ name, bytes }, k) => ({
        name,
        bytes: at(bytes, other.steps[i]!.makes[k]!.bytes),
      })),
    }));
    return FED_COPIES * at(fed, other.fed) + mostAlive(grown);
  });
  return Math.max(...peaks);
}

const PROBES = [2, 4] as const;
/** JavaScript's array, TensorFlow's tensor, and the copy that the graph makes. */
const FED_COPIES = 3;

const affine = (samples: number) => (a: number, b: number) =>
  a + ((b - a) * (samples - PROBES[0])) / (PROBES[1] - PROBES[0]);

type Recorded = Map<string, { fed: number; steps: Step[] }>;

function recordAll(program: Program): Recorded {
  return new Map(
    Array.from(program.functions.values(), (spec) => {
      const ledger = new Ledger();
      const handles = new Map(program.variables.map((v) => [v, handleNode(ledger, v)]));
      const one = tidy(() => ledger.output(tf.scalar(1)));
      recordFunction(ledger, spec, (variable) => handles.get(variable)!, one);
      return [spec.name, { fed: fedBytes(spec), steps: ledger.steps }];
    }),
  );
}

const fedBytes = ({ inputs }: ProgramFunction) =>
  Object.values(inputs).reduce((sum, { shape, dtype }) => sum + BYTES[dtype] * sizeOf(shape), 0);

/** Every value lives from the operation that makes it to the last that reads it. */
function mostAlive(steps: readonly Step[]): number {
  const lastRead = new Map<Output, number>();
  for (const [i, { reads }] of steps.entries()) for (const name of reads) lastRead.set(name, i);
  const sizes = new Map<Output, number>();
  let [alive, most] = [0, 0];
  for (const [i, { reads, makes }] of steps.entries()) {
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
