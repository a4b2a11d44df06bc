/** @file Starts the processes of a benchmark: this product, PyTorch twice, TensorFlow from Python. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { installTensorflow, installTorch } from "./python-engines.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Of every contestant, on any machine. */
export const THREADS = 2;

/** This product's process. TensorFlow reads its thread counts once, when it loads. */
export function startHere(threads = THREADS): Promise<Child> {
  const count = String(threads);
  return Child.start({
    name: "own",
    command: process.execPath,
    args: [path("here/child.ts")],
    env: {
      ...process.env,
      TF_NUM_INTRAOP_THREADS: count,
      TF_NUM_INTEROP_THREADS: count,
      TF_CPP_MIN_LOG_LEVEL: "2",
    },
  });
}

export interface Competitors {
  torch: Child;
  torchCompiled: Child;
  tensorflow: Child;
  installedBytes: { torch: number; tensorflow: number };
}

/** @param folder of the cache, for their installations. @throws UserError when they cannot be installed. */
export async function startCompetitors(folder: string): Promise<Competitors> {
  const [torch, tensorflow] = [installTorch(folder), installTensorflow(folder)];
  const env = {
    ...process.env,
    BENCH_THREADS: String(THREADS),
    TF_CPP_MIN_LOG_LEVEL: "2",
    TORCHINDUCTOR_CACHE_DIR: join(folder, "inductor"),
  };
  const start = (name: string, python: string, file: string, ...args: string[]) =>
    Child.start({ name, command: python, args: [path(`python/${file}`), ...args], env });
  return {
    torch: await start("PyTorch", torch.python, "torch_engine.py", "eager"),
    torchCompiled: await start("torch.compile", torch.python, "torch_engine.py", "compiled"),
    tensorflow: await start("TensorFlow", tensorflow.python, "tensorflow_engine.py"),
    installedBytes: { torch: torch.bytes, tensorflow: tensorflow.bytes },
  };
}
