/** @file Picks a command; turns a person's mistake, or the system's refusal, into a message and an exit code. */

import { readFileSync } from "node:fs";
import { RecordError, didYouMean } from "../../record/problem.ts";
import { environmentProblems } from "../../setup/shared/environment-variables.mjs";
import { visible, visibleLine } from "../../setup/shared/visible.mjs";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { explainDisk } from "../files.ts";
import { commandHelp, programHelp } from "./command.ts";
import { commands } from "./commands.ts";
import type { Effects } from "../effects.ts";
import { passedOn, readSettings } from "./command-values.ts";
import { errWithCodes, visibleEffects } from "./visible-effects.ts";

/** @returns the process's exit code. Only errors that a person can correct are caught: a bug keeps its stack trace. */
export async function main([name = "", ...args]: string[], world: Effects): Promise<ExitCode> {
  const effects = visibleEffects(world);
  try {
    requirePlainVariables(effects);
    if (name === "--version") return print(`${version()}\n`, effects);
    if (["", "help", "--help", "-h"].includes(name)) return await help(args[0], name, effects);
    if (wantsHelp(args)) return print(await helpOf(name), effects);
    const command = await entryOf(name).load();
    const values = readSettings(args, command.args, effects);
    const env = { ...effects.env, ...passedOn(values, command.args, effects) };
    return await command.run(values, withEnvironment(env, effects), [name, ...args]);
  } catch (thrown) {
    const error = explainDisk(thrown);
    if (!(error instanceof UserError || error instanceof RecordError)) throw error;
    errWithCodes(effects, `${prefix(effects)} ${visible(error.message)}\n`);
    return error instanceof UserError ? error.exitCode : EXIT.usage;
  }
}

function withEnvironment(env: Effects["env"], effects: Effects): Effects {
  return {
    ...effects,
    env,
    get terminal() {
      return effects.terminal; // its width changes
    },
  };
}

/** Version of the harness, as in package.json. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function help(topic: string | undefined, name: string, effects: Effects): Promise<ExitCode> {
  if (name === "help" && topic) return print(await helpOf(topic), effects);
  const text = programHelp(commands);
  if (name !== "") return print(text, effects);
  effects.err(text);
  return EXIT.usage;
}

async function helpOf(name: string): Promise<string> {
  const { summary, load } = entryOf(name);
  return commandHelp(name, summary, await load());
}

function entryOf(name: string) {
  const entry = commands.get(name);
  if (entry) return entry;
  const known = [...commands.keys()];
  throw new UserError(
    `there is no command "${visibleLine(name)}" (${known.join(", ")})${didYouMean(name, known)}`,
  );
}

/** Words after `--` are values, whatever they look like. */
function wantsHelp(args: string[]): boolean {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  return words.includes("--help") || words.includes("-h");
}

/** Code that reads such a variable later would refuse it without showing why, or take it for part of a path. */
function requirePlainVariables({ env }: Effects): void {
  const problems = environmentProblems(env);
  if (problems.length > 0) throw new UserError(problems.join("\n"));
}

/** Red on a terminal that wants colour. */
function prefix({ terminal }: Effects): string {
  return terminal?.color ? "\x1b[31mrademark:\x1b[0m" : "rademark:";
}

function print(text: string, effects: Effects): ExitCode {
  effects.out(text);
  return EXIT.ok;
}
