/** @file A command's values from all sources: flag, then environment, then config file, then default. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { didYouMean } from "../../record/nearest.ts";
import { RecordError } from "../../record/record-error.ts";
import { UserError } from "../errors.ts";
import {
  type Argument,
  type Arguments,
  type Values,
  environmentName,
  flagName,
} from "./command.ts";
import type { Effects } from "./effects.ts";
import { parseGiven } from "./given.ts";

/** A text and where it came from, for messages. */
interface Sourced {
  texts: string[];
  place: string;
}

/**
 * Reads every value of a command.
 *
 * @param args the words after the command's name.
 * @throws UserError listing every mistake in the command line, the environment and the config file.
 */
export function readSettings<A extends Arguments>(
  args: string[],
  known: A,
  effects: Pick<Effects, "env" | "cwd">,
): Values<A> {
  const { texts, problems } = parseGiven(args, known);
  const path = texts.get("config")?.[0]; // RADEMARK_CONFIG names the folder of keys
  const file = path
    ? readConfigFile(resolve(effects.cwd, path), path, known, problems)
    : new Map<string, Sourced>();
  const values: Record<string, unknown> = {};
  for (const [key, argument] of Object.entries(known)) {
    const sourced =
      fromCommandLine(key, argument, texts) ??
      (key === "config" ? undefined : fromEnvironment(key, argument, effects.env));
    values[key] = readValue(key, argument, sourced ?? file.get(key), problems);
  }
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return values as Values<A>;
}

function fromCommandLine(
  key: string,
  argument: Argument,
  given: Map<string, string[]>,
): Sourced | undefined {
  const texts = given.get(key);
  return texts && { texts, place: argument.positional ? argument.placeholder! : flagName(key) };
}

function fromEnvironment(
  key: string,
  argument: Argument,
  env: Effects["env"],
): Sourced | undefined {
  const name = environmentName(key);
  const value = argument.positional ? undefined : env[name];
  if (value === undefined || value === "") return undefined;
  return { texts: argument.repeat ? value.split(";") : [value], place: name };
}

/** Appends to `problems` instead of throwing, so that all mistakes are told at once. */
function readValue(
  key: string,
  argument: Argument,
  sourced: Sourced | undefined,
  problems: string[],
): unknown {
  if (!sourced) {
    if (!("fallback" in argument)) problems.push(missing(key, argument));
    return argument.fallback;
  }
  try {
    const values = sourced.texts.map((text) => argument.read(text));
    return argument.repeat ? values : values[0];
  } catch (error) {
    problems.push(...mistakes(error).map((mistake) => `${sourced.place}: ${mistake}`));
    return undefined;
  }
}

/** The sentences of an error that a person can mend; any other goes on. */
function mistakes(error: unknown): readonly string[] {
  if (error instanceof RecordError) return error.problems;
  if (error instanceof UserError) return [error.message];
  throw error;
}

function missing(key: string, { positional, placeholder, summary }: Argument): string {
  const name = positional ? placeholder : `${flagName(key)} ${placeholder}`;
  return `${name} is missing: ${summary}`;
}

function readConfigFile(
  path: string,
  shown: string,
  known: Arguments,
  problems: string[],
): Map<string, Sourced> {
  const settings = new Map<string, Sourced>();
  const keys = Object.keys(known).filter((key) => !known[key]!.positional && key !== "config");
  for (const [key, value] of Object.entries(parseObject(path, shown))) {
    const place = `${shown}: ${key}`;
    if (!keys.includes(key))
      problems.push(`${place}: no such setting (${keys.join(", ")})${didYouMean(key, keys)}`);
    else settings.set(key, { texts: configTexts(value, known[key]!), place });
  }
  return settings;
}

/** JSON values as the texts a command line would have. */
function configTexts(value: unknown, argument: Argument): string[] {
  if (!Array.isArray(value)) return [asText(value)];
  const items = value.map(asText);
  return argument.repeat ? items : [items.join(argument.separator ?? ",")];
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function parseObject(path: string, shown: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new UserError(`--config ${shown}: ${(cause as Error).message}`, 2, { cause });
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
    return parsed as Record<string, unknown>;
  throw new UserError(`--config ${shown}: must hold one JSON object, such as {"seeds": "1-4"}.`);
}
