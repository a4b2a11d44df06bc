/** @file Starts the processes of a benchmark: this product, PyTorch twice, TensorFlow from Python. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { existsSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import type { Answers, Question } from "./race-questions.ts";
import { EXIT, UserError } from "../../harness/errors.ts";
import { makeFolder, writeJsonAtomic } from "../../harness/files.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Threads of every contestant, on any machine. */
export const THREADS = 2;

/** Starts this product's process. TensorFlow reads its thread counts once, when it loads. */
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
      TF_ENABLE_ONEDNN_OPTS: process.env["TF_ENABLE_ONEDNN_OPTS"] ?? "1", // as training workers have it
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

/** Characters of a process's last output that are kept for the message if it dies. */
const LAST_WORDS = 2000;

/** A contestant: a long-lived process that answers one JSON line with one JSON line. */
interface Start {
  /** As messages name it. */
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

export class Child {
  readonly name: string;
  /** What the process reported about itself at first: versions. */
  hello: Readonly<Record<string, string>> = {};
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #lastWords = "";

  private constructor({ name, command, args, env }: Start) {
    this.name = name;
    this.#process = spawn(command, args, { env, stdio: "pipe" });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    });
    this.#process.stdin.on("error", () => undefined); // its death shows in the missing answer
    this.#process.on("error", (error) => (this.#lastWords += error.message));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns when it is ready for questions. */
  static async start(start: Start): Promise<Child> {
    const child = new Child(start);
    child.hello = (await child.#next()) as Record<string, string>;
    return child;
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** One question at a time. @throws Error when the process dies over it. */
  async ask<K extends Question["ask"]>(question: Extract<Question, { ask: K }>) {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    return (await this.#next()) as Answers[K];
  }

  async #next(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done !== true) return JSON.parse(line.value);
    throw new Error(`the benchmark's ${this.name} process died:\n${this.#lastWords}`);
  }

  /** Ends the process and waits for it. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "close");
    this.#process.stdin.end();
    this.#process.kill();
    await gone;
  }
}

const LINUX_INTEL = process.platform === "linux" && process.arch === "x64";
const TORCH = "torch==2.15.0";
const TENSORFLOW = LINUX_INTEL ? "tensorflow-cpu==2.21.0" : "tensorflow==2.21.0";

/** The competitors: PyTorch and TensorFlow's Python package, each in a virtual environment of the cache folder. */
interface PythonEngine {
  /** Path of the environment's python. */
  python: string;
  /** Bytes of the installed library's own folder. */
  bytes: number;
}

/** Installed once; a second call finds it. @param folder of the cache. @throws UserError when pip cannot. */
export function installTorch(folder: string): PythonEngine {
  return installed(join(folder, TORCH), "torch", (python) => pip(python, [TORCH]));
}

function installTensorflow(folder: string): PythonEngine {
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

/** Debian's python3 needs a further package to put pip into an environment; else a pip outside installs into it. */
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

const sitePackages = (python: string) =>
  run(python, ["-c", "import sysconfig; print(sysconfig.get_path('platlib'))"]).trim();

/** What the program prints on stdout; its stderr and pip's output go to ours. */
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
      "It needs python3 with venv and pip, a C compiler, 10 GB of disk, and the network once.",
    isPip ? EXIT.network : EXIT.usage,
  );
}

function folderBytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}
