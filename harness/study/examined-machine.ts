/** @file Examines the machine and the software that runs are about to be made with. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { type Environment, describeNumerics } from "./environment.ts";
import { installedEngine } from "./installed-engine.ts";

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

const root = fileURLToPath(new URL("../../", import.meta.url));

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
