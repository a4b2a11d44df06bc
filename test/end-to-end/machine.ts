/** @file Somebody's machine: a folder, keys of their own, and a shell in which `rademark` is typed. */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pretendCifar } from "../study/scripted.ts";

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

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What `npm run rademark` runs, with real training; or the command line with another worker in training's place. */
const PROGRAMS = {
  real: [at("../../setup/rademark.mjs")],
  standIn: [at("stand-in-rademark.ts"), at("../listing/whole-worker.ts")],
  deviating: [at("stand-in-rademark.ts"), at("deviating-worker.ts")],
} as const satisfies Record<string, readonly string[]>;
export type Program = keyof typeof PROGRAMS;

/**
 * @param api of the server it uses; null: none yet.
 * @param program real training reads the machine's own cache of data sets, and fetches what is missing there.
 */
export function aMachine(program: Program, api: () => string | null): Machine {
  const cwd = mkdtempSync(join(tmpdir(), "rademark-machine-"));
  const cache = join(cwd, "cache");
  if (program !== "real") pretendCifar(join(cache, "datasets", "cifar10"));
  const environment = () => ({
    ...process.env,
    RADEMARK_PASSPHRASE: undefined,
    RADEMARK_CONFIG: join(cwd, "config"),
    ...(program === "real" ? {} : { RADEMARK_CACHE: cache }),
    RADEMARK_API: api() ?? "http://127.0.0.1:1",
  });
  const text = (path: string) => readFileSync(join(cwd, path), "utf8");
  return {
    cwd,
    rademark: (...args) => printed([...PROGRAMS[program], ...args], { cwd, env: environment() }),
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
