/** @file The NVIDIA GPUs of this machine, as the driver's own tool tells them. */

import { execFile } from "node:child_process";
import type { Gpu } from "./document.ts";

export type Gpus =
  | { state: "found"; gpus: Gpu[] }
  /** No such tool: no NVIDIA driver. */
  | { state: "none" }
  /** The tool is there and does not answer; its words. */
  | { state: "broken"; words: string };

/** Under WSL2 the tool is not always on PATH. */
const TOOLS = ["nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi"];
/** Only fields that drivers of all ages know: an unknown one fails the whole call. */
const QUERY = [
  "--query-gpu=name,driver_version,memory.total,memory.free",
  "--format=csv,noheader,nounits",
];
const PATIENCE_MS = 15_000;

export async function findGpus(env: NodeJS.ProcessEnv): Promise<Gpus> {
  for (const tool of TOOLS) {
    const gpus = await ask(tool, env);
    if (gpus.state !== "none") return gpus;
  }
  return { state: "none" };
}

function ask(tool: string, env: NodeJS.ProcessEnv): Promise<Gpus> {
  return new Promise((resolve) =>
    execFile(tool, QUERY, { env, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") resolve({ state: "none" });
      else if (error)
        resolve({ state: "broken", words: sentence(stdout + stderr) || error.message });
      else resolve(readGpus(stdout));
    }),
  );
}

/** @param text one line a GPU: name, driver, total MiB, free MiB; what a GPU does not tell is in brackets. */
export function readGpus(text: string): Gpus {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const gpus = lines.map(readGpu);
  if (gpus.length > 0 && gpus.every((gpu) => gpu !== null)) return { state: "found", gpus };
  return { state: "broken", words: sentence(text) || "it lists no GPU" };
}

function readGpu(line: string): Gpu | null {
  const cells = line.split(",").map((cell) => cell.trim());
  if (cells.length < 4) return null;
  const [driver, total, free] = cells.slice(-3) as [string, string, string];
  const name = cells.slice(0, -3).join(", ");
  return { name, driver, memoryBytes: bytes(total), freeBytes: bytes(free) };
}

const bytes = (mebibytes: string): number | null =>
  /^\d+$/.test(mebibytes) ? Number(mebibytes) * 2 ** 20 : null;

/** The tool's first words, on one line and without the last full stop. */
const sentence = (words: string) =>
  words.trim().replace(/\s+/g, " ").slice(0, 200).replace(/\.$/, "");
