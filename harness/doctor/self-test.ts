/** @file Runs one training step of each family of networks in every way that this machine can. */

import { EngineProcess, type Outcome } from "./engine-process.ts";
import type { Step } from "./engine-questions.ts";

/** One network of each family; the large ones take most of the time. */
export const SMALL_FAMILIES = ["mlp-16", "cnn-4", "resnet-20", "wrn-10-1"];

export const LARGE_FAMILIES = ["vgg-11", "vit-ti-8", "mixer-s-8"];

export interface FamilyTrial {
  arch: string;
  /** The recorded graph, as training runs it. */
  graph: Outcome<Step>;
  eager: Outcome<Step>;
  /** The recorded graph in another process. */
  again: Outcome<Step>;
  /** The recorded graph on the CPU; null where `graph` ran there, too. */
  cpu: Outcome<Step> | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Float32 throughout, and no process that takes all of a GPU's memory. */
const EXACT = { NVIDIA_TF32_OVERRIDE: "0", TF_FORCE_GPU_ALLOW_GROWTH: "true" };

export const NO_GPU = { CUDA_VISIBLE_DEVICES: "-1" };

/**
 * Runs the step of every network, and yields each result as soon as it is known.
 *
 * @param withGpu whether TensorFlow uses a GPU under `env`.
 * @param elsewhere environment of the other process; tests change its switches.
 */
export async function* selfTest(
  archs: readonly string[],
  env: Environment,
  withGpu: boolean,
  elsewhere: Environment = env,
): AsyncGenerator<FamilyTrial> {
  const here = new RestartedProcess({ ...env, ...EXACT });
  const again = new RestartedProcess({ ...elsewhere, ...EXACT });
  const cpu = withGpu ? new RestartedProcess({ ...env, ...EXACT, ...NO_GPU }) : null;
  try {
    for (const arch of archs) {
      // In parallel, because recording uses one core; but each process answers one question at a time.
      const both = here.step(arch, "graph").then(async (graph) => {
        return { graph, eager: await here.step(arch, "eager") };
      });
      const repeated = again.step(arch, "graph");
      const onCpu = cpu ? cpu.step(arch, "graph") : Promise.resolve(null);
      const [steps, second, third] = await Promise.all([both, repeated, onCpu]);
      yield { arch, ...steps, again: second, cpu: third };
    }
  } finally {
    await Promise.all([here.close(), again.close(), cpu?.close()]);
  }
}

/** A process that is replaced when it dies, so that one family's crash does not affect the next. */
class RestartedProcess {
  readonly #env: Environment;
  #process: EngineProcess | null = null;

  constructor(env: Environment) {
    this.#env = env;
  }

  async step(arch: string, how: "graph" | "eager"): Promise<Outcome<Step>> {
    if (!this.#process?.alive) this.#process = new EngineProcess(this.#env);
    const library = await this.#process.library;
    return library.ok ? this.#process.ask({ ask: "step", arch, how }) : library;
  }

  async close(): Promise<void> {
    await this.#process?.close();
  }
}

/**
 * Graph and eager execution differ only in the order of sums. Observed: 3e-6; 3e-5 with another convolution
 * library on the same processor.
 */
export const EAGER_TOLERANCE = 1e-4;

/**
 * A GPU sums in yet another order (TF32 is off in the self-test), and where that flips a ReLU or a
 * maximum, a gradient changes by more than rounding.
 */
export const GPU_TOLERANCE = 1e-2;

/** A tensor with a smaller norm is zero except for rounding. */
const ZERO = 1e-6;

export interface Distance {
  /** Maximum over all tensors of |a - b| / |b|, in the Euclidean norm; NaN where a value is not a number. */
  share: number;
  /** The tensor with that maximum. */
  tensor: string;
}

/** @throws Error when the two are not of the same network. */
export function stepDistance(a: Step, b: Step): Distance {
  let worst: Distance = { share: 0, tensor: "" };
  for (const [i, { name, values }] of a.tensors.entries()) {
    const other = b.tensors[i];
    if (other?.name !== name || other.values.length !== values.length)
      throw new Error(`${a.arch} and ${b.arch} do not have the same tensors`);
    const share =
      norm(values.map((x, k) => x - other.values[k]!)) / Math.max(norm(other.values), ZERO);
    if (Number.isNaN(share)) return { share, tensor: name };
    if (share > worst.share) worst = { share, tensor: name };
  }
  return worst;
}

const norm = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
