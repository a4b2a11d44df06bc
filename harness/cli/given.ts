/** @file Splits a command line into what was given by which name, before any value is read. */

import { parseArgs } from "node:util";
import { didYouMean } from "../../record/problem.ts";
import { type Arguments, flagName } from "./command.ts";

export interface Given {
  /** Texts by the argument's key; a flag's text is `true`. */
  texts: Map<string, string[]>;
  /** One sentence per mistake. */
  problems: string[];
}

/** @param args the words after the command's name. */
export function parseGiven(args: string[], known: Arguments): Given {
  const keys = new Map(Object.keys(known).map((key) => [flagName(key).slice(2), key]));
  const given: Given = { texts: new Map(), problems: [] };
  const positionals = Object.keys(known).filter((key) => known[key]!.positional);
  for (const token of tokenize(args, known)) {
    if (token.kind === "option") takeOption(token, keys, known, given);
    else if (token.kind === "positional") takePositional(token.value, positionals, given);
  }
  return given;
}

function tokenize(args: string[], known: Arguments) {
  const options = Object.entries(known)
    .filter(([, argument]) => !argument.positional)
    .map(
      ([key, { placeholder }]) =>
        [flagName(key).slice(2), { type: placeholder === null ? "boolean" : "string" }] as const,
    );
  // Not strict: node stops at the first mistake, and all of them are to be listed.
  return parseArgs({
    args,
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}

interface OptionToken {
  name: string;
  rawName: string;
  value: string | undefined;
  inlineValue: boolean | undefined;
}

function takeOption(
  token: OptionToken,
  keys: Map<string, string>,
  known: Arguments,
  { texts, problems }: Given,
): void {
  const key = keys.get(token.name);
  if (key === undefined || known[key]!.positional) {
    const flags = [...keys].filter(([, k]) => !known[k]!.positional).map(([name]) => `--${name}`);
    problems.push(`there is no option ${token.rawName}${didYouMean(token.rawName, flags)}`);
    return;
  }
  const { placeholder, repeat } = known[key]!;
  const before = texts.get(key) ?? [];
  if (before.length > 0 && !repeat) problems.push(`${token.rawName} is given twice`);
  else if (placeholder === null && token.value !== undefined)
    problems.push(`${token.rawName} takes no value`);
  else if (placeholder !== null && (token.value === undefined || swallowsFlag(token)))
    problems.push(`${token.rawName} needs a value: ${token.rawName} ${placeholder}`);
  else texts.set(key, [...before, token.value ?? "true"]);
}

/** `--out --json`: the next option was taken for a value. `--out=--json` is meant. */
function swallowsFlag({ value, inlineValue }: OptionToken): boolean {
  return inlineValue === false && value!.startsWith("-") && value !== "-";
}

function takePositional(value: string, positionals: string[], { texts, problems }: Given): void {
  const key = positionals.find((name) => !texts.has(name));
  if (key === undefined) problems.push(`"${value}" is one word too many`);
  else texts.set(key, [value]);
}
