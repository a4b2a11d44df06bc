/** @file Runs a program of the machine. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { EXIT, UserError } from "../../errors.ts";

const run = promisify(execFile);

/** The first lines of what npm and apt print say what went wrong. */
const LINES = 3;

/** @throws UserError when the program is not there or fails, with the first lines of what it said. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd: string; signal: AbortSignal },
): Promise<void> {
  try {
    await run(program, args, options);
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    const lines = (stderr ?? "").split("\n").filter((line) => line.trim() !== "");
    const said = lines.slice(0, LINES).join("; ") || message;
    const found = code === "ENOENT" ? "not found on this machine" : said;
    throw new UserError(`${program}: ${found}`, EXIT.network, { cause: error });
  }
}
