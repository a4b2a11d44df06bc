/** @file Pythons that tests of the package run in: one with NumPy and pandas, one with PyTorch; or the reason why there is none. */

import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../setup/cache.mjs";
import { SetupError } from "../../setup/entry.mjs";
import { pythonEnvironment } from "../../setup/python.mjs";

export const PACKAGE = fileURLToPath(new URL("../../python", import.meta.url));

interface Interpreter {
  python: string;
  /** Folders of packages that are not its own. */
  path: string[];
}

/** Null without one; then `missing` says why. */
export interface Python {
  found: Interpreter | null;
  missing: string;
}

/** With NumPy and pandas, made once in the cache. */
export async function plainPython(): Promise<Python> {
  const effects = {
    ...{ env: process.env, stderr: process.stderr as never },
    interruption: new AbortController().signal,
  };
  try {
    const python = await pythonEnvironment("tests", ["numpy", "pandas"], effects);
    return { found: { python, path: [] }, missing: "" };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return { found: null, missing: error.message.split("\n")[0]! };
  }
}

/**
 * With PyTorch: the one that RADEMARK_TORCH_PYTHON names, else that of `npm run bench`. Where it has no NumPy, that of the
 * other Python is used, which fits if both are of one version.
 */
export async function torchPython(plain: Python): Promise<Python> {
  const ready = globSync(join(cacheFolder(process.env), "bench", "torch==*", "ready.json")).sort();
  const bench = ready.map((file) => join(file, "..", "bin", "python")).filter(existsSync);
  const python = process.env["RADEMARK_TORCH_PYTHON"] || bench.at(-1);
  const missing = "no PyTorch: set RADEMARK_TORCH_PYTHON to a python with it, or run npm run bench";
  if (python === undefined) return { found: null, missing };
  const works = ["-W", "error", "-c", "import numpy, torch; torch.ones(1).numpy()"];
  for (const path of [[], await packagesOf(plain)])
    if ((await runPython({ python, path }, works)).code === 0)
      return { found: { python, path }, missing: "" };
  return { found: null, missing: `${python} cannot import NumPy and PyTorch` };
}

async function packagesOf({ found }: Python): Promise<string[]> {
  if (found === null) return [];
  const words = ["-c", "import sysconfig; print(sysconfig.get_path('platlib'))"];
  return [(await runPython(found, words)).stdout.trim()];
}

/** Runs it on the package's source, in one thread: what is small is slower in more. */
export function runPython(
  { python, path }: Interpreter,
  args: readonly string[],
  input = "",
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    PYTHONPATH: [join(PACKAGE, "src"), ...path].join(":"),
    PYTHONDONTWRITEBYTECODE: "1",
    ...{ OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  };
  const child = spawn(python, args, { cwd: PACKAGE, env });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
