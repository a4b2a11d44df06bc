/** @file Picks a command; turns a person's mistake, or the system's refusal, into a message and an exit code. */

import { readFileSync } from "node:fs";
import { RecordError } from "../../record/problem.ts";
import { environmentProblems } from "../../setup/shared/environment-variables.mjs";
import { noSuchCommand } from "../../setup/shared/commands.mjs";
import { type HelpRequest, helpRequest } from "../../setup/shared/help-request.mjs";
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
    const request = helpRequest([name, ...args]);
    if (request !== null) return await answer(request, effects);
    const command = await commands.get(name)!.load();
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

/** The set-up gives the same answers, from setup/help/, where nothing is installed. */
async function answer(request: HelpRequest, effects: Effects): Promise<ExitCode> {
  switch (request.kind) {
    case "version":
      return print(`${version()}\n`, effects);
    case "command":
      return print(await helpOf(request.name), effects);
    case "unknown":
      throw new UserError(noSuchCommand(visibleLine(request.name)));
    case "program":
      if (request.isAsked) return print(helpOfAll(), effects);
      effects.err(helpOfAll());
      return EXIT.usage;
  }
}

/** Help of the program: the list of commands. */
export function helpOfAll(): string {
  return programHelp(commands);
}

export async function helpOf(name: string): Promise<string> {
  const { summary, load } = commands.get(name)!;
  return commandHelp(name, summary, await load());
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
