/** @file The machine and the software that a run was made with: env.json. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { z } from "zod";
import { installedEngine } from "./installed-engine.ts";
import { readDocument } from "../files.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

const Numerics = z.object({
  /** Does a second run give the same bits? */
  deterministic: z.boolean(),
  precision: z.enum(["float32", "tf32"]),
});
type Numerics = z.infer<typeof Numerics>;

const Environment = z.object({
  /** ISO 8601 time at which the machine was examined. */
  at: z.string(),
  harness: z.string(),
  /** Commit of the checkout, and whether files in it were changed; null outside a checkout. */
  git: z.object({ commit: z.string(), dirty: z.boolean() }).nullable(),
  node: z.string(),
  /** Version of TensorFlow's library; null when it is not known. */
  tensorflow: z.string().nullable(),
  /** How the engine computes; null in folders made before it was recorded. */
  numerics: Numerics.nullable().default(null),
  os: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  gpus: z.array(
    z.object({ name: z.string(), driver: z.string(), memoryMebibytes: z.number().catch(0) }),
  ),
});
export type Environment = z.infer<typeof Environment>;

/** Examines this machine and this checkout. */
export function describeEnvironment(now: number): Environment {
  const { engine, tensorflow } = installedEngine();
  const harness = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
  return {
    at: new Date(now).toISOString(),
    harness: harness.version,
    git: describeCheckout(),
    node: process.version,
    tensorflow,
    numerics: describeNumerics(engine, process.env),
    os: `${process.platform}-${process.arch} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    gpus: describeGpus(),
  };
}

/** Unless configured otherwise, a GPU (Ampere or newer) rounds products to TF32 and adds in any order. */
export function describeNumerics(
  engine: "cpu" | "cuda",
  env: Readonly<Record<string, string | undefined>>,
): Numerics {
  if (engine === "cpu") return { deterministic: true, precision: "float32" };
  return {
    deterministic: env.TF_DETERMINISTIC_OPS === "1",
    precision: env.NVIDIA_TF32_OVERRIDE === "0" ? "float32" : "tf32",
  };
}

function describeCheckout(): Environment["git"] {
  const commit = ask("git", ["-C", root, "rev-parse", "HEAD"]);
  if (!commit) return null;
  return { commit, dirty: ask("git", ["-C", root, "status", "--porcelain"]) !== "" };
}

function describeGpus(): Environment["gpus"] {
  const query = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader,nounits"];
  const rows = ask("nvidia-smi", query);
  return (rows ? rows.split("\n") : []).map((row) => {
    const [name = "", driver = "", memory = ""] = row.split(",").map((cell) => cell.trim());
    return { name, driver, memoryMebibytes: Number(memory) };
  });
}

/** A program's output; null when there is no such program or it fails. */
function ask(program: string, args: string[]): string | null {
  try {
    const stdio: ["ignore", "pipe", "ignore"] = ["ignore", "pipe", "ignore"];
    return execFileSync(program, args, { encoding: "utf8", stdio, timeout: 10_000 }).trim();
  } catch {
    return null;
  }
}

/** @throws UserError when the file exists but is damaged. */
export function readEnvironment(folder: string): Environment | null {
  return readDocument(join(folder, "env.json"), Environment);
}
