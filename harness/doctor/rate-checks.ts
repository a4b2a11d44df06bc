/** @file What the doctor makes of the measured rates. */

import { type Check, fail, ok, warn } from "./check.ts";
import type { Outcome } from "./engine-process.ts";

/** GFLOP/s below which something is wrong: of one thread of any processor of ten years, of any GPU. */
const LEAST_OF_THREAD = 4;
const LEAST_OF_GPU = 300;

const NAMES = {
  matmul: ["matrix product", "1024 x 1024 matrices are multiplied"],
  convolution: ["convolution", "3x3 convolutions, 64 to 64 channels on 32 x 32, run"],
} as const;

/** @param on how many threads, or a GPU. */
export function rateCheck(
  work: keyof typeof NAMES,
  rate: Outcome<number>,
  on: { gpu: boolean; threads: number },
  rebuild: string,
): Check {
  const [name, what] = NAMES[work];
  if (!rate.ok) return fail(name, `It could not be measured: ${rate.words}.`, rebuild);
  const where = on.gpu ? "the GPU" : `${on.threads} ${on.threads === 1 ? "thread" : "threads"}`;
  const says = `${what} at ${Math.round(rate.value)} GFLOP/s on ${where}`;
  const least = on.gpu ? LEAST_OF_GPU : LEAST_OF_THREAD * on.threads;
  if (rate.value >= least) return ok(name, `${capital(says)}.`);
  return warn(
    name,
    `${capital(says)}, which is slow: other programs may be at work.`,
    on.gpu ? "nvidia-smi" : "top",
  );
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
