/** @file The competitors: PyTorch and TensorFlow's Python package, each in a virtual environment of the cache folder. */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EXIT, UserError } from "../errors.ts";
import { makeFolder, writeJsonAtomic } from "../files.ts";

const script = (name: string) => fileURLToPath(new URL(`python/${name}`, import.meta.url));

const LINUX_INTEL = process.platform === "linux" && process.arch === "x64";
const TORCH = "torch==2.15.0";
const TENSORFLOW = LINUX_INTEL ? "tensorflow-cpu==2.21.0" : "tensorflow==2.21.0";

export interface PythonEngine {
  /** Path of the environment's python. */
  python: string;
  /** Bytes of the installed library's own folder. */
  bytes: number;
}

/** Installed once; a second call finds it. @param folder of the cache. @throws UserError when pip cannot. */
export function installTorch(folder: string): PythonEngine {
  return installed(join(folder, TORCH), "torch", (python) => {
    // The registry's wheel for Linux on Intel names 3 GB of CUDA; without those a CPU runs it just as well.
    pip(python, ["--no-deps", TORCH]);
    pip(python, ["numpy", ...unconditional(python, "torch")]);
    if (process.platform === "linux")
      run(python, [script("cuda_stand_ins.py"), join(sitePackages(python), "torch", "lib")]);
  });
}

export function installTensorflow(folder: string): PythonEngine {
  return installed(join(folder, TENSORFLOW), "tensorflow", (python) => pip(python, [TENSORFLOW]));
}

/** @param fill installs into the environment of this python. */
function installed(folder: string, library: string, fill: (python: string) => void): PythonEngine {
  const ready = join(folder, "ready.json");
  const python = join(folder, "bin", "python");
  if (!existsSync(ready)) {
    rmSync(folder, { recursive: true, force: true }); // what an interrupted installation left
    makeFolder(folder);
    makeEnvironment(folder);
    fill(python);
    writeJsonAtomic(ready, { bytes: folderBytes(join(sitePackages(python), library)) });
  }
  return { python, bytes: (JSON.parse(readFileSync(ready, "utf8")) as { bytes: number }).bytes };
}

/** Debian's python3 makes environments only without pip unless a further package is there; pip can do from outside. */
function makeEnvironment(folder: string): void {
  const { status } = spawnSync("python3", ["-m", "venv", folder], { stdio: "ignore" });
  if (status !== 0) run("python3", ["-m", "venv", "--clear", "--without-pip", folder]);
}

function pip(python: string, requirements: readonly string[]): void {
  const own = spawnSync(python, ["-c", "import pip"], { stdio: "ignore" }).status === 0;
  const command = own ? [python, "-m", "pip"] : ["python3", "-m", "pip", "--python", python];
  const quiet = ["--disable-pip-version-check", "--no-input", "--only-binary=:all:"];
  run(command[0]!, [...command.slice(1), "install", ...quiet, ...requirements]);
}

/** What a library needs on every machine: its requirements without a marker. */
function unconditional(python: string, library: string): string[] {
  const code = `import importlib.metadata as m; print(*(r for r in m.requires("${library}") if ";" not in r), sep="\\n")`;
  return run(python, ["-c", code]).trim().split("\n");
}

const sitePackages = (python: string) =>
  run(python, ["-c", "import sysconfig; print(sysconfig.get_path('platlib'))"]).trim();

/** What the program prints on stdout; its stderr and pip's talk go to ours. */
function run(command: string, args: readonly string[]): string {
  const isPip = args.includes("install");
  const { status, stdout, error } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", isPip ? 2 : "pipe", 2],
  });
  if (status === 0) return stdout ?? "";
  const what = [command, ...args].join(" ");
  throw new UserError(
    `the benchmark could not set up its competitors: ${what} failed${error ? `: ${error.message}` : ""}.\n` +
      "It needs python3 with venv and pip, a C compiler with binutils, and the network once.",
    isPip ? EXIT.network : EXIT.usage,
  );
}

function folderBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}
