/** @file A command's values from all sources: flag, then environment, then config file, then default. */

import { resolve } from "node:path";
import { RecordError, didYouMean, problemLine } from "../../record/problem.ts";
import { unseenIn, visibleLine } from "../../setup/shared/visible.mjs";
import { UserError } from "../errors.ts";
import { readGivenJson } from "../files.ts";
import {
  type Argument,
  type Arguments,
  SECRETS,
  type Values,
  flagName,
  parseCommandLine,
  variableName,
} from "./command.ts";
import type { Effects } from "../effects.ts";

/** The texts of one argument, and where they came from, for messages. */
interface SourcedTexts {
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
  const { texts, problems } = parseCommandLine(args, known);
  const ofKey = (key: string, argument: Argument) =>
    fromCommandLine(key, argument, texts) ?? fromEnvironment(key, argument, effects.env);
  const config = known.config && ofKey("config", known.config);
  const file = config
    ? readConfigFile(config, known, effects.cwd, problems)
    : new Map<string, SourcedTexts>();
  const values: Record<string, unknown> = {};
  for (const [key, argument] of Object.entries(known))
    values[key] = readValue(key, argument, ofKey(key, argument) ?? file.get(key), problems);
  if (problems.length > 0) throw new UserError(problems.map(visibleLine).join("\n"));
  return values as Values<A>;
}

/** The variables of those values that other code reads there, wherever they were given; paths become absolute. */
export function passedOn(
  values: Readonly<Record<string, unknown>>,
  known: Arguments,
  { cwd }: Pick<Effects, "cwd">,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [key, argument] of Object.entries(known)) {
    const name = variableName(key, argument);
    if (argument.passedOn === undefined || name === null) continue;
    const text = handedText(values[key]);
    if (text === "") continue;
    variables[name] = argument.passedOn === "path" ? resolve(cwd, text) : text;
  }
  return variables;
}

function handedText(value: unknown): string {
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function fromCommandLine(
  key: string,
  argument: Argument,
  given: Map<string, string[]>,
): SourcedTexts | undefined {
  const texts = given.get(key);
  return texts && { texts, place: argument.positional ? argument.placeholder! : flagName(key) };
}

function fromEnvironment(
  key: string,
  argument: Argument,
  env: Effects["env"],
): SourcedTexts | undefined {
  const name = variableName(key, argument);
  const value = name === null ? undefined : env[name];
  if (name === null || value === undefined || value === "") return undefined;
  return { texts: argument.repeat ? items(value, argument) : [value], place: name };
}

function items(value: string, { separator = ";" }: Argument): string[] {
  return value
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Appends to `problems` instead of throwing, so that all mistakes are listed at once. */
function readValue(
  key: string,
  argument: Argument,
  sourced: SourcedTexts | undefined,
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
    const unseen = unseenIn(sourced.texts.join(""));
    const note = unseen.length === 0 ? "" : ` (not seen in it: ${unseen.join(", ")})`;
    problems.push(...mistakes(error).map((mistake) => `${sourced.place}: ${mistake}${note}`));
    return undefined;
  }
}

/** The sentences of an error that a person can correct; any other error is thrown on. */
function mistakes(error: unknown): readonly string[] {
  if (error instanceof RecordError) return error.problems.map(problemLine);
  if (error instanceof UserError) return [error.message];
  throw error;
}

function missing(key: string, { positional, placeholder, summary }: Argument): string {
  const name = positional ? placeholder : `${flagName(key)} ${placeholder}`;
  return `${name} is missing: ${summary}`;
}

/** A member is named as in the help, without the dashes (`head-input`), or in camel case (`headInput`). */
function readConfigFile(
  { texts: [shown], place: given }: SourcedTexts,
  known: Arguments,
  cwd: string,
  problems: string[],
): Map<string, SourcedTexts> {
  const settings = new Map<string, SourcedTexts>();
  const keys = Object.keys(known).filter(
    (key) => !known[key]!.positional && !known[key]!.outsideFile,
  );
  for (const [name, value] of Object.entries(readObject(shown!, given, cwd))) {
    const place = `${shown}: ${name}`;
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!keys.includes(key)) problems.push(`${place}: ${unknownMember(key, keys)}`);
    else if (settings.has(key)) problems.push(`${place} is given twice`);
    else {
      const read = configTexts(key, value, known[key]!);
      if (typeof read === "string") problems.push(`${place}: ${read}`);
      else settings.set(key, { texts: read, place });
    }
  }
  return settings;
}

function readObject(shown: string, place: string, cwd: string): Record<string, unknown> {
  const value = readGivenJson(resolve(cwd, shown), `${place} ${shown}`);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new UserError(`${place} ${shown}: must hold one JSON object, such as {"seeds": "1-4"}.`);
}

function unknownMember(key: string, keys: readonly string[]): string {
  const variable = variableName(key, {})!;
  const secret = [variable, variable.replace("RADEMARK_", "")].find((name) => name in SECRETS);
  if (secret) return `is a secret, which is read from ${secret} alone`;
  if (key === "config") return "a config file names no other one";
  return `no such setting${didYouMean(key, keys)} (named as in --help, without the dashes)`;
}

/** A JSON value as the texts a command line would have, or a sentence about what is wrong with it. */
function configTexts(key: string, value: unknown, argument: Argument): string[] | string {
  const isList = argument.repeat || argument.separator !== undefined;
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  if (Array.isArray(value) && !isList) return "takes one value, not a list";
  const texts = values.map(scalarText);
  const strange = values.find((_, i) => texts[i] === null);
  if (strange === null) return "null is no value; leave the member out for the default";
  if (strange !== undefined) return noScalar(key, strange, argument);
  if (argument.repeat) return texts as string[];
  return Array.isArray(value) ? [texts.join(argument.separator)] : (texts as string[]);
}

function scalarText(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** Says how to write what is now an object, or a list within a list. */
function noScalar(key: string, value: unknown, { repeat, separator }: Argument): string {
  const found = Array.isArray(value) ? "a list within a list" : "an object";
  const text = repeat ? JSON.stringify(assignments(value)) : "";
  if (repeat && text !== "[]") return `${found} is no value; write "${key}": ${text}`;
  if (repeat || separator) return `${found} is no value; write a text or a list of texts`;
  return `${found} is no value; write one text, number, true or false`;
}

/** `{"subset": {"perClass": 100}}` as the texts `subset.perClass=100`, as `--set` has them. */
function assignments(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return path === ""
      ? []
      : [`${path}=${typeof value === "string" ? value : JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([key, item]) =>
    assignments(item, path === "" ? key : `${path}.${key}`),
  );
}
