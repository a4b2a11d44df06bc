/** @file Slurm's commands: what they are asked, and what their answers say. */

import { execFile, execFileSync } from "node:child_process";
import { systemErrorWords } from "../../../setup/shared/system-error.mjs";
import { EXIT, UserError } from "../../errors.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A job or a task of one that has not ended yet. */
export interface Queued {
  /** Name of the job, which no other has. */
  name: string;
  /** Place in the array. */
  index: number;
  isRunning: boolean;
  /** Why it waits, in Slurm's words. */
  reason: string;
}

/** How a task ended, in Slurm's words. */
export interface Ended {
  /** Such as FAILED, CANCELLED or TIMEOUT. */
  state: string;
  /** Exit code and signal, such as `0:9`. */
  exitCode: string;
  node: string;
}

/**
 * Looks for Slurm.
 *
 * @returns how many tasks an array may have.
 * @throws UserError where this machine has no Slurm, and where the controller does not answer.
 */
export async function mostArrayTasks(env: Env): Promise<number> {
  const { ok, stdout, stderr } = await ask("scontrol", ["show", "config"], env);
  if (!ok)
    throw new UserError(
      `Slurm's controller does not answer: ${lastLine(stderr)}. Nothing was submitted.`,
      EXIT.network,
    );
  // Indices go up to MaxArraySize - 1, and begin at 0.
  const most = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(stdout)?.[1] ?? 1001);
  return Math.max(1, most);
}

/** @returns the job's id, or why Slurm does not take it. */
export async function submitBatch(
  args: readonly string[],
  env: Env,
): Promise<{ id: string } | { refusal: string }> {
  const { ok, stdout, stderr } = await ask("sbatch", args, env);
  const id = /^(\d+)/.exec(stdout.trim())?.[1];
  if (ok && id !== undefined) return { id };
  return { refusal: lastLine(stderr || stdout) };
}

/** Tasks of these jobs that wait or run; null when Slurm does not answer. */
export async function queuedTasks(names: readonly string[], env: Env): Promise<Queued[] | null> {
  if (names.length === 0) return [];
  const format = "--format=%j|%K|%T|%r";
  const args = ["--noheader", "--array", `--name=${names.join(",")}`, format];
  const { ok, stdout } = await ask("squeue", args, env);
  if (!ok) return null;
  return stdout
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [name, index, state, reason] = line.trim().split("|");
      const isRunning = state !== "PENDING" && !state!.startsWith("REQUEUE");
      return { name: name!, index: Number(index), isRunning, reason: reason ?? "" };
    });
}

/** What Slurm knows of a task that has ended; null where it has forgotten, and no accounting remembers. */
export async function endOf(job: string | null, index: number, env: Env): Promise<Ended | null> {
  if (job === null) return null;
  const id = `${job}_${index}`;
  const shown = await ask("scontrol", ["show", "job", "--oneliner", id], env);
  const member = (name: string) => new RegExp(`\\b${name}=(\\S*)`).exec(shown.stdout)?.[1];
  const state = shown.ok ? member("JobState") : undefined;
  if (state !== undefined)
    return { state, exitCode: member("ExitCode") ?? "", node: member("NodeList") ?? "" };
  const columns = "--format=State,ExitCode,NodeList";
  const counted = await ask("sacct", ["-n", "-P", "-X", columns, `--jobs=${id}`], env, "absent");
  const [line] = counted.stdout.trim().split("\n");
  if (!counted.ok || !line) return null;
  const [word, exitCode, node] = line.split("|");
  // `CANCELLED by 1000`
  return { state: word!.split(" ")[0]!, exitCode: exitCode ?? "", node: node ?? "" };
}

/** Puts a running job back into the queue, which ends it here. @returns whether Slurm does so. */
export function requeueJob(job: string): boolean {
  try {
    execFileSync("scontrol", ["requeue", job], { stdio: ["ignore", "inherit", "inherit"] });
    return true;
  } catch {
    return false; // the reason has been printed
  }
}

interface Answer {
  ok: boolean;
  stdout: string;
  stderr: string;
}

const PATIENCE_MILLISECONDS = 60_000;
const LARGEST_ANSWER = 2 ** 28;

/** @param missing what a program that is not there means. @throws UserError where it is an error. */
function ask(
  program: string,
  args: readonly string[],
  env: Env,
  missing: "error" | "absent" = "error",
): Promise<Answer> {
  const options = { env: { ...env, SLURM_TIME_FORMAT: "standard" }, encoding: "utf8" as const };
  const limits = { timeout: PATIENCE_MILLISECONDS, maxBuffer: LARGEST_ANSWER };
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { ...options, ...limits }, (error, stdout, stderr) => {
      const code = error && (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT" && missing === "error") reject(withoutSlurm(program));
      else if (typeof code === "string" && code !== "ENOENT")
        resolve({ ok: false, stdout, stderr: systemErrorWords(error) ?? code });
      else resolve({ ok: error === null, stdout, stderr });
    });
  });
}

function withoutSlurm(program: string): UserError {
  return new UserError(
    `${program} is not on this machine's PATH. --slurm submits to a Slurm cluster, from one of its login nodes. ` +
      "Any other machines divide a sweep by --shard (docs/scaling.md).",
  );
}

const lastLine = (text: string) =>
  text
    .trim()
    .split("\n")
    .at(-1)!
    .replace(/^\w+: ((?:error|fatal): )?/, "")
    .replace(/\.$/, "") || "no reason given";
