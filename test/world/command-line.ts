/** @file The command line in the hands of people: in this process, where tests read what it prints, and as one of its own. */

import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { main } from "../../harness/cli/main.ts";
import { DATASETS, splitBytes } from "../../harness/data/opened-datasets.ts";
import type { Effects } from "../../harness/effects.ts";
import { type SigningKey, createKey } from "../../harness/listing/key-store.ts";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What processes that a command starts need of this one's environment: what others have compiled. */
const { NODE_COMPILE_CACHE } = process.env;
const KEPT = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };

/** Runs a command in this process. @returns its exit code and what it printed. */
export async function rademark(args: string[], changes: Partial<Effects> = {}) {
  let [stdout, stderr] = ["", ""];
  const effects: Effects = {
    now: () => Date.parse("2026-11-24T00:00:00Z"),
    out: (text) => void (stdout += text),
    err: (text) => void (stderr += text),
    terminal: null,
    cwd: process.cwd(),
    worker: at("../../harness/train/training-worker.ts"),
    onInterrupt: () => () => undefined,
    onAbandoned: () => () => undefined,
    askSecret: () => Promise.resolve(null),
    ...changes,
    env: { ...KEPT, ...changes.env },
  };
  const code = await main(args, effects);
  return { code, stdout, stderr };
}

/** A folder for commands whose workers do what a script says. */
export interface Workbench {
  /** The current folder of its commands. */
  cwd: string;
  /** Settles when the command has ended; `interrupt` is a Ctrl-C. */
  run: (args: string[], changes?: Partial<Effects>) => ReturnType<typeof rademark>;
  interrupt: () => void;
}

/** A folder in which CIFAR-10 seems to be cached and workers do what the script says. */
export function aWorkbench(script: object = {}): Workbench {
  const cwd = mkdtempSync(join(tmpdir(), "rademark-scripted-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  pretendCifar(join(cwd, "cache", "datasets", "cifar10"));
  for (const place of ["runs", "runs/grid"]) {
    mkdirSync(join(cwd, place), { recursive: true });
    writeFileSync(join(cwd, place, ".script.json"), JSON.stringify(script));
  }
  const listeners = new Set<() => void>();
  return {
    cwd,
    interrupt: () => listeners.forEach((listener) => listener()),
    run: (args, changes = {}) =>
      rademark(args, {
        cwd,
        env: { RADEMARK_CACHE: join(cwd, "cache") },
        worker: at("scripted-worker.ts"),
        onInterrupt(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        ...changes,
      }),
  };
}

/** Somebody who types commands in this process: a folder, a key, a data set that seems cached. */
export interface Person {
  cwd: string;
  /** The queue of what could not be sent. */
  queue: string;
  key: SigningKey;
  run: (args: string[], changes?: Partial<Effects>) => ReturnType<typeof rademark>;
  json: (path: string) => unknown;
  has: (path: string) => boolean;
}

/** Each with a key `default` of their own. */
export async function aPerson(api: string): Promise<Person> {
  const cwd = mkdtempSync(join(tmpdir(), "rademark-person-"));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  pretendCifar(join(cwd, "cache", "datasets", "cifar10"));
  const config = join(cwd, "config");
  const env = { RADEMARK_CACHE: join(cwd, "cache"), RADEMARK_CONFIG: config, RADEMARK_API: api };
  const key = await createKey({ name: "default", displayName: "Ada", passphrase: null }, { env });
  const worker = at("whole-worker.ts");
  return {
    cwd,
    queue: join(config, "queue"),
    key,
    run: (args, changes = {}) => rademark(args, { cwd, env, worker, now: Date.now, ...changes }),
    json: (path) => JSON.parse(readFileSync(join(cwd, path), "utf8")) as unknown,
    has: (path) => existsSync(join(cwd, path)),
  };
}

/** Somebody's machine: a folder, keys of their own, and a shell in which `rademark` is typed. */
export interface Machine {
  cwd: string;
  /** Types `rademark ...` and waits for its end. */
  rademark: (...args: string[]) => Promise<Printed>;
  /** A file in its folder. */
  text: (path: string) => string;
  json: <T>(path: string) => T;
  remove: () => void;
}

export interface Printed {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What `npm run rademark` runs, with real training, a process each time; or a worker in training's place, and no process of its own. */
const WORKERS = { real: null, standIn: "whole-worker.ts", deviating: "deviating-worker.ts" };
export type Program = keyof typeof WORKERS;

/**
 * @param api of the server it uses; null: none yet.
 * @param program real training reads the machine's own cache of data sets, and fetches what is missing there.
 */
export function aMachine(program: Program, api: () => string | null): Machine {
  const cwd = mkdtempSync(join(tmpdir(), "rademark-machine-"));
  const cache = join(cwd, "cache");
  const worker = WORKERS[program];
  if (worker !== null) pretendCifar(join(cache, "datasets", "cifar10"));
  const environment = () => ({
    ...process.env,
    RADEMARK_PASSPHRASE: undefined,
    RADEMARK_CONFIG: join(cwd, "config"),
    ...(worker === null ? {} : { RADEMARK_CACHE: cache }),
    RADEMARK_API: api() ?? "http://127.0.0.1:1",
  });
  const text = (path: string) => readFileSync(join(cwd, path), "utf8");
  return {
    cwd,
    rademark: (...args) => {
      const place = { cwd, env: environment() };
      if (worker === null) return printed([at("../../setup/rademark.mjs"), ...args], place);
      return rademark(args, { ...place, worker: at(worker), now: Date.now });
    },
    text,
    json: <T>(path: string) => JSON.parse(text(path)) as T,
    remove: () => rmSync(cwd, { recursive: true, force: true }),
  };
}

function printed(args: string[], place: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Printed> {
  const child = spawn(process.execPath, args, { ...place, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Files of the right size, full of holes: before training, the parent looks at names and sizes only. */
export function pretendCifar(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const split of ["train", "test"] as const) {
    writeFileSync(join(folder, `${split}.bin`), "");
    truncateSync(join(folder, `${split}.bin`), splitBytes(DATASETS.cifar10, split));
  }
  const note = { ...DATASETS.cifar10.digests, source: "a test" };
  writeFileSync(join(folder, "digest.json"), JSON.stringify(note));
}
