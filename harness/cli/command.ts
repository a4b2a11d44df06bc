/** @file A command is data: what it is for, what it takes, what it does. */

import type { ExitCode } from "../errors.ts";
import type { Effects } from "./effects.ts";

/** One thing a command takes: `--name VALUE`, a `--flag`, or a positional word. */
export interface Argument {
  summary: string;
  /** What stands for the value in the help, such as `FILE`; null for a flag. */
  placeholder: string | null;
  positional?: true;
  /** May be given several times; the value is then a list. */
  repeat?: true;
  /** Between the items of a list in one text: a JSON array of the config file is joined by it, and a variable split. */
  separator?: string;
  /** The variable that it is read from, where that is not named after the flag; null: from none. */
  variable?: string | null;
  /** Of no use in the config file. */
  outsideFile?: true;
  /** Others read it from its variable: what this command starts, and what looks after folders. A path is made absolute. */
  handedOn?: "value" | "path";
  /** @throws UserError saying what is allowed. */
  read(text: string): unknown;
  /** Without a fallback the argument must be given. */
  fallback?: unknown;
}

export type Arguments = Record<string, Argument>;

type Read<A extends Argument> = A extends { repeat: true }
  ? ReturnType<A["read"]>[]
  : ReturnType<A["read"]>;
type Fallback<A extends Argument> = A extends { fallback: infer F } ? F : never;

/** The parsed values, by the arguments' names. */
export type Values<A extends Arguments> = { [K in keyof A]: Read<A[K]> | Fallback<A[K]> };

export interface Command<A extends Arguments = Arguments> {
  meta: {
    summary: string;
    /** Further paragraphs of the help. */
    details?: string;
    /** Full command lines. */
    examples: string[];
  };
  args: A;
  /** @param typed the words of the command line, the command's name first. */
  run(values: Values<A>, effects: Effects, typed: readonly string[]): Promise<ExitCode>;
}

/** Types `run` by `args`; the result forgets them, so that commands fit in one table. */
export function defineCommand<const A extends Arguments>(command: Command<A>): Command {
  return command;
}

/** `headInput` is `--head-input`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `headInput` is `RADEMARK_HEAD_INPUT`, unless the argument names another; null: it is read from none. */
export function variableName(
  key: string,
  { variable, positional }: Pick<Argument, "variable" | "positional">,
): string | null {
  if (positional) return null;
  return variable === undefined
    ? `RADEMARK_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`
    : variable;
}
