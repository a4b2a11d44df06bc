/** @file The text of `--help`. */

import { type Argument, type Command, flagName } from "./command.ts";

/** Help of the whole program. */
export function programHelp(commands: Iterable<readonly [string, string]>): string {
  const rows = Array.from(commands, ([name, summary]): [string, string] => [name, summary]);
  return [
    "rademark measures how easily a network's features separate random labels.",
    "",
    "usage: rademark COMMAND [OPTIONS]",
    "",
    ...columns(rows),
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

/** Help of one command. */
export function commandHelp(name: string, { meta, args }: Command): string {
  const entries = Object.entries(args);
  const words = entries.filter(([, { positional }]) => positional);
  const options = entries.filter(([, { positional }]) => !positional);
  const usage = words.map(([, word]) =>
    "fallback" in word ? `[${word.placeholder}]` : `${word.placeholder}`,
  );
  return [
    `rademark ${name}: ${meta.summary}`,
    "",
    ["usage: rademark", name, ...usage, "[OPTIONS]"].join(" "),
    "",
    ...columns([...words, ...options].map(([key, argument]) => row(key, argument))),
    ...(meta.details ? ["", meta.details] : []),
    "",
    ...meta.examples.map((example, i) =>
      i === 0 ? `examples: ${example}` : `          ${example}`,
    ),
    "",
  ].join("\n");
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
