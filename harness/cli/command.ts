/** @file A command is data: what its help says, what it takes, what it does. */

import { parseArgs } from "node:util";
import { type ExitCode, UserError } from "../errors.ts";
import type { Effects } from "../effects.ts";
import { DEFAULT_API, apiAddress } from "../listing/api-address.ts";
import { DEFAULT_KEY } from "../listing/signer.ts";
import { statementReference } from "../listing/statement-reference.ts";
import { didYouMean } from "../../record/problem.ts";

/** One thing a command takes: `--name VALUE`, a `--flag`, or a positional word. */
export interface Argument {
  summary: string;
  /** Stands for the value in the help, such as `FILE`; null for a flag. */
  placeholder: string | null;
  positional?: true;
  /** May be given several times; the value is then a list. */
  repeat?: true;
  /** Stands between the items of a list in one text: it joins a JSON array of the config file, and splits a variable. */
  separator?: string;
  /** The environment variable that it is read from, unless that is named after the flag; null: none. */
  variable?: string | null;
  /** Heading that the help puts it under, after the arguments without one. */
  group?: string;
  /** Its value is made of options, so that it may begin with a dash. */
  holdsOptions?: true;
  /** It has no meaning in a config file. */
  outsideFile?: true;
  /** Other code and child processes read it from its variable, where it is put. A path is made absolute. */
  passedOn?: "value" | "path";
  /** @throws UserError saying what is allowed. */
  read(text: string): unknown;
  /** An argument without a fallback is required. */
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
    /** What the help says after the summary, which stands in the table of commands. */
    details?: string;
    /** Full command lines. */
    examples: string[];
  };
  args: A;
  /** @param typed the words of the command line, the command's name first. */
  run(values: Values<A>, effects: Effects, typed: readonly string[]): Promise<ExitCode>;
}

/** Infers the type of `run`'s values from `args`; the result drops these types, so that commands fit in one table. */
export function defineCommand<const A extends Arguments>(command: Command<A>): Command {
  return command;
}

/** `headInput` is `--head-input`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `headInput` is `RADEMARK_HEAD_INPUT`, unless the argument names another variable; null where it has none. */
export function variableName(
  key: string,
  { variable, positional }: Pick<Argument, "variable" | "positional">,
): string | null {
  if (positional) return null;
  return variable === undefined
    ? `RADEMARK_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`
    : variable;
}

/** The same arguments, under a heading of the help. */
export function inGroup<A extends Arguments>(group: string, known: A): A {
  const grouped = Object.entries(known).map(([key, argument]) => [key, { ...argument, group }]);
  return Object.fromEntries(grouped) as A;
}

/** A switch that is off unless given. */
export function flag(summary: string) {
  return { summary, placeholder: null, read: yesOrNo, fallback: false } as const satisfies Argument;
}

export const jsonArgument = flag("print one JSON document on stdout");

/** `--api URL`, else RADEMARK_API, else the local server. */
export const apiArgument = {
  summary: "address of the server that commands speak to",
  placeholder: "URL",
  read: apiAddress,
  fallback: DEFAULT_API,
} as const satisfies Argument;

/** Reads any text but an empty one. */
export const text = (value: string): string => {
  if (value === "") throw new UserError("is empty");
  return value;
};

/** Null: the folder's own key, else the one named `default`. */
export const keyArgument = {
  summary: `name of the key that signs (default: the folder's own, else ${DEFAULT_KEY})`,
  placeholder: "NAME",
  read: text,
  fallback: null,
} as const satisfies Argument;

/** Of commands that sign, `run` and `sweep` included. */
export const signingArguments = {
  key: keyArgument,
  api: apiArgument,
} as const satisfies Arguments;

export const outputFolderArgument = {
  summary: "output folder of a run or a sweep",
  placeholder: "DIR",
  positional: true,
  read: text,
} as const satisfies Argument;

export const supersedesArgument = {
  summary: "entry of yours that this result replaces",
  placeholder: "ID",
  read: statementReference,
  fallback: null,
} as const satisfies Argument;

export const serverFolderArgument = {
  summary: "folder of the local server: its database and its log's key",
  placeholder: "DIR",
  read: text,
  fallback: ".rademark/server",
} as const satisfies Argument;

/** Settings of a server; docs/hosting.md explains them. */
export const serverArguments = {
  operator: {
    summary:
      "public key whose moderation is obeyed; may be repeated (variable: separated by commas)",
    placeholder: "KEY",
    repeat: true,
    separator: ",",
    variable: "RADEMARK_OPERATORS",
    passedOn: "value",
    read: publicKey,
    fallback: [] as string[],
  },
  proxy: {
    summary:
      "yes: every connection comes from a proxy of yours, whose X-Forwarded-For says whose quota counts",
    placeholder: "YES|NO",
    passedOn: "value",
    read: (value: string) => (yesOrNo(value) ? "yes" : "no"),
    fallback: null,
  },
  limits: {
    summary:
      "off: no quotas and any number of open challenges, for load tests on one's own machine",
    placeholder: "ON|OFF",
    passedOn: "value",
    read: oneOf("on", "off"),
    fallback: null,
  },
  logOrigin: {
    summary: "the log's name in checkpoints, such as rademark.example/log; never change it",
    placeholder: "NAME",
    passedOn: "value",
    read: text,
    fallback: null,
  },
} as const satisfies Arguments;

/** Every command takes these. */
export const commonArguments = inGroup("this machine", {
  config: {
    summary: 'read options from a JSON object, such as {"quiet": true, "headInput": "raw"}',
    placeholder: "FILE",
    variable: "RADEMARK_CONFIG_FILE",
    outsideFile: true,
    read: text,
    fallback: null,
  },
  engine: {
    summary: "TensorFlow library that the set-up installs: cpu, cuda or auto",
    placeholder: "ENGINE",
    read: oneOf("cpu", "cuda", "auto"),
    fallback: "auto",
  },
  cache: {
    summary:
      "folder of TensorFlow's library and the data sets (default: rademark in the XDG cache folder)",
    placeholder: "DIR",
    passedOn: "path",
    read: text,
    fallback: null,
  },
  imagenet: {
    summary: "an ImageNet folder: train/CLASS/FILE, val/CLASS/FILE, JPEG or PNG images",
    placeholder: "DIR",
    passedOn: "path",
    read: text,
    fallback: null,
  },
  checkpointSeconds: {
    summary: "seconds between the checkpoints of a run (default 10)",
    placeholder: "N",
    passedOn: "value",
    read: seconds,
    fallback: null,
  },
  configFolder: {
    summary:
      "folder of keys, known logs and the queue (default: rademark in the XDG config folder)",
    placeholder: "DIR",
    variable: "RADEMARK_CONFIG",
    passedOn: "path",
    read: text,
    fallback: null,
  },
  quiet: flag("no progress on stderr"),
} as const satisfies Arguments);

/** The variables that a training worker reads. */
export function workerVariables(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = ["cache", "imagenet", "checkpointSeconds"] as const;
  return Object.fromEntries(
    names.flatMap((key) => {
      const name = variableName(key, commonArguments[key] as Argument)!;
      return env[name] ? [[name, env[name]]] : [];
    }),
  );
}

/** Read from the environment alone: others can see a command line, and config files get passed around. */
export const SECRETS: Readonly<Record<string, string>> = {
  RADEMARK_PASSPHRASE: "passphrase of a signing key, where nobody can be asked",
  RADEMARK_LOG_SEED:
    "seed of the key that signs a server's log: 64 hexadecimal digits; made on the first local start",
  DATABASE_URL: "where a server's PostgreSQL is, with its password; without it PGlite is used",
};

function publicKey(value: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return value;
  throw new UserError(`"${value}" is not a public key: 64 hexadecimal digits (rademark keys list)`);
}

/** A command line taken apart, before any value is read. */
interface ParsedLine {
  /** Texts by the argument's key; the text of a flag is `true`. */
  texts: Map<string, string[]>;
  /** One sentence per mistake. */
  problems: string[];
}

/** @param args the words after the command's name. */
export function parseCommandLine(args: string[], known: Arguments): ParsedLine {
  const keys = new Map(Object.keys(known).map((key) => [flagName(key).slice(2), key]));
  const given: ParsedLine = { texts: new Map(), problems: [] };
  const positionals = Object.keys(known).filter((key) => known[key]!.positional);
  for (const token of tokenize(args, known)) {
    if (token.kind === "option") takeOption(token, keys, known, given);
    else if (token.kind === "positional") takePositional(token.value, positionals, known, given);
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
  // Not strict: Node would stop at the first mistake, and we list them all.
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
  { texts, problems }: ParsedLine,
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
  else if (
    placeholder !== null &&
    (token.value === undefined || (!known[key]!.holdsOptions && swallowsFlag(token)))
  )
    problems.push(`${token.rawName} needs a value: ${token.rawName} ${placeholder}`);
  else texts.set(key, [...before, token.value ?? "true"]);
}

/** In `--out --json` the next option was taken for the value; `--out=--json` is deliberate. */
function swallowsFlag({ value, inlineValue }: OptionToken): boolean {
  return inlineValue === false && value!.startsWith("-") && value !== "-";
}

function takePositional(
  value: string,
  positionals: string[],
  known: Arguments,
  { texts, problems }: ParsedLine,
): void {
  const key =
    positionals.find((name) => !texts.has(name)) ?? positionals.find((name) => known[name]!.repeat);
  if (key === undefined) problems.push(`"${value}" is one word too many`);
  else texts.set(key, [...(texts.get(key) ?? []), value]);
}

/** Help of the whole program: its commands in groups, in their order. */
export function programHelp(
  commands: Iterable<readonly [name: string, about: { group: string; summary: string }]>,
): string {
  const rows = columns(Array.from(commands, ([name, { summary }]) => [name, summary]));
  const groups = Map.groupBy(
    Array.from(commands, ([, { group }], i) => ({ group, row: rows[i]! })),
    ({ group }) => group,
  );
  return [
    "rademark measures how easily a network's features separate random labels.",
    "",
    "usage: rademark COMMAND [OPTIONS]",
    ...Array.from(groups, ([group, lines]) => [
      "",
      `${group}:`,
      ...lines.map(({ row }) => row),
    ]).flat(),
    "",
    "To begin: rademark start. Or step by step, for a server that others read as well:",
    "    rademark keys create",
    "    rademark run --challenge --submit --protocol micro-1 --arch mlp-256 --out runs/mine --api URL",
    "    rademark verify URL/entries/ID",
    "",
    "rademark COMMAND --help tells more about one. rademark --version prints the version.",
    "Every option can also come from the environment (--head-input is RADEMARK_HEAD_INPUT) or from",
    '--config FILE, a JSON object ({"headInput": "raw"}); the command line wins, then the environment.',
    "Two have a variable of another name: --config-folder is RADEMARK_CONFIG (the folder of keys), and",
    "--config is RADEMARK_CONFIG_FILE. Secrets are read from the environment alone: RADEMARK_PASSPHRASE.",
    "Exit codes: 0 ok; 1 a run or a check failed, or a file cannot be written; 2 usage or config;",
    "3 refused, or something does not verify; 4 network; 5 this system or Node is too old; 130 interrupted.",
    "",
  ].join("\n");
}

/** Help of one command. @param summary as in the list of commands. */
export function commandHelp(name: string, summary: string, { meta, args }: Command): string {
  const entries = Object.entries(args);
  const words = entries.filter(([, { positional }]) => positional);
  const options = entries.filter(([, { positional }]) => !positional);
  const usage = words.map(([, word]) => {
    const name = `${word.placeholder}${word.repeat ? "..." : ""}`;
    return "fallback" in word ? `[${name}]` : name;
  });
  return [
    `rademark ${name}: ${summary}`,
    "",
    ["usage: rademark", name, ...usage, "[OPTIONS]"].join(" "),
    "",
    ...argumentLines([...words, ...options]),
    ...(meta.details ? ["", meta.details] : []),
    "",
    ...meta.examples.map((example, i) =>
      i === 0 ? `examples: ${example}` : `          ${example}`,
    ),
    "",
  ].join("\n");
}

/** One line each, in one layout; those with a heading come last. */
function argumentLines(entries: [string, Argument][]): string[] {
  const lines = columns(entries.map(([key, argument]) => row(key, argument)));
  const groups = Map.groupBy(lines.keys(), (i) => entries[i]![1].group ?? "");
  const first = groups.get("") ?? [];
  groups.delete("");
  return [
    ...first.map((i) => lines[i]!),
    ...Array.from(groups, ([group, places]) => [
      "",
      `${group}:`,
      ...places.map((i) => lines[i]!),
    ]).flat(),
  ];
}

function row(key: string, argument: Argument): [string, string] {
  const { positional, placeholder, summary } = argument;
  const flag = placeholder === null ? flagName(key) : `${flagName(key)} ${placeholder}`;
  return [positional ? placeholder! : flag, summary + defaultNote(argument)];
}

function defaultNote(argument: Argument): string {
  const { fallback, placeholder, positional } = argument;
  if (!("fallback" in argument)) return positional ? "" : " (required)";
  const shown = typeof fallback === "string" || typeof fallback === "number";
  return placeholder !== null && shown ? ` (default ${fallback})` : "";
}

function columns(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return (value: string): number => {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (number >= least && number <= most) return number;
    const isTooLarge = /^\d+$/.test(value) && number > most;
    const allowed =
      most === Number.MAX_SAFE_INTEGER && !isTooLarge
        ? `${least} or more`
        : `from ${least} to ${most}`;
    throw new UserError(`"${value}" is not a whole number ${allowed}`);
  };
}

/** Seconds; fractions are allowed. */
function seconds(value: string): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (number <= 86_400) return number;
  throw new UserError(`"${value}" is not a number of seconds from 0 to 86400`);
}

/** One of these words. */
export function oneOf<const W extends string>(...words: W[]) {
  return (value: string): W => {
    if ((words as string[]).includes(value)) return value as W;
    throw new UserError(`"${value}" is not one of ${words.join(", ")}${didYouMean(value, words)}`);
  };
}

/** A list of two possible words; `both` stands for the two of them. */
export function someOfTwo<const W extends string>(...words: [W, W]) {
  return (value: string): W[] => (value.trim() === "both" ? words : someOf(...words)(value));
}

/** A list separated by commas, each item one of these words. */
export function someOf<const W extends string>(...words: W[]) {
  const one = oneOf(...words);
  return (value: string): W[] => [...new Set(value.split(",").map((item) => one(item.trim())))];
}

/** A flag has a value only in the environment and in a config file. */
function yesOrNo(value: string): boolean {
  if (["true", "1", "yes"].includes(value)) return true;
  if (["false", "0", "no", ""].includes(value)) return false;
  throw new UserError(`"${value}" is not one of true, false`);
}
