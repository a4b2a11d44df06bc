/** @file What trying the engine found, and how the doctor's child processes are asked for it. */

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** One training step of a tiny network. */
export interface Trial {
  arch: string;
  loss: number;
  /** Of the last tap after the step, 40 samples. */
  features: number[];
}

export interface EngineFindings {
  /** Of TensorFlow's library. */
  version: string;
  gpu: boolean;
  recorded: Trial[];
  /** The same without the graph; empty in the second process. */
  eager: Trial[];
  /** GFLOP/s. */
  rates: { gemm: number; convolution: number } | null;
}

export type EngineAnswer = { ok: true; findings: EngineFindings } | { ok: false; words: string };

/**
 * Loads TensorFlow in a process of its own, so that a broken library is an answer and not a crash.
 *
 * @param part `rates` also runs eagerly and measures; `again` only repeats the recorded steps.
 */
export function tryEngine(
  part: "rates" | "again",
  archs: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<EngineAnswer> {
  const module = fileURLToPath(new URL("./engine-child.ts", import.meta.url));
  const child = fork(module, [part, ...archs], {
    env: { TF_CPP_MIN_LOG_LEVEL: "2", ...env },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let words = "";
  let findings: EngineFindings | null = null;
  child.stderr!.on("data", (bytes: Buffer) => (words = (words + bytes.toString()).slice(-4000)));
  child.on("message", (message) => (findings = message as EngineFindings));
  return new Promise((resolve) =>
    child.on("close", (code, signal) => {
      const end = signal ? `ended by ${signal}` : `exit code ${code}`;
      if (findings) resolve({ ok: true, findings });
      else resolve({ ok: false, words: lastError(words) ?? end });
    }),
  );
}

/** The line that says what went wrong, among TensorFlow's banners and the stack. */
function lastError(words: string): string | null {
  const lines = words.split("\n").map((line) => line.trim());
  return lines.findLast((line) => /error|cannot|not found/i.test(line)) ?? null;
}
