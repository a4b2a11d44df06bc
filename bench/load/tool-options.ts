/** @file The command line of a load tool as a table of options, which `--help` shows; a mistake gives one line. */

import { parseArgs } from "node:util";

interface Option<T> {
  /** Null: a flag, which takes no value. */
  default: string | null;
  says: string;
  /** What its value has to be. */
  rule: string;
  /** Null for a value that breaks the rule. */
  read(text: string): T | null;
}

type Values<Table> = { [Name in keyof Table]: Table[Name] extends Option<infer T> ? T : never };

/**
 * Reads the options; ends the process after `--help`, and with code 2 after a mistake.
 *
 * @param title such as `npm run soak`, and what it does.
 */
export function readOptions<Table extends Record<string, Option<unknown>>>(
  title: string,
  table: Table,
): Values<Table> {
  const given = parsed(table);
  if (given.help !== undefined) {
    process.stdout.write(helpText(title, table));
    process.exit(0);
  }
  const values = Object.entries(table).map(([name, option]) => {
    const text = given[name] ?? option.default ?? "";
    const value = option.read(text);
    return [name, value ?? refuse(`--${name} "${text}": ${option.rule}`)];
  });
  return Object.fromEntries(values) as Values<Table>;
}

export function count(fallback: number, says: string): Option<number> {
  return { default: String(fallback), says, rule: "a whole number from 1", read: readCount };
}

/** Rising whole numbers, separated by commas. */
export function counts(fallback: string, says: string): Option<number[]> {
  const read = (text: string) => {
    const numbers = text.split(",").map(readCount);
    const isRising = numbers.every((each, i) => each !== null && each > (numbers[i - 1] ?? 0));
    return isRising ? (numbers as number[]) : null;
  };
  const rule = "rising whole numbers from 1, separated by commas";
  return { default: fallback, says, rule, read };
}

export function oneOf<const T extends string>(
  names: readonly [T, ...T[]],
  says: string,
): Option<T> {
  const read = (text: string) => names.find((name) => name === text) ?? null;
  return { default: names[0], says, rule: names.join(" or "), read };
}

/** Some of these names, separated by commas; by default all of them. */
export function someOf<const T extends string>(names: readonly T[], says: string): Option<T[]> {
  const read = (text: string) => {
    const chosen = text.split(",").map((each) => names.find((name) => name === each));
    return chosen.includes(undefined) ? null : (chosen as T[]);
  };
  const rule = `of ${names.join(", ")}, separated by commas`;
  return { default: names.join(","), says, rule, read };
}

export function flag(says: string): Option<boolean> {
  return { default: null, says, rule: "takes no value", read: (text) => text === "true" };
}

/** A word or a path. */
export function text(fallback: string, says: string): Option<string> {
  return { default: fallback, says, rule: "not empty", read: (value) => value || null };
}

function readCount(text: string): number | null {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0 ? value : null;
}

function parsed(table: Record<string, Option<unknown>>): Record<string, string | undefined> {
  const options = Object.entries({ ...table, help: flag("") }).map(([name, option]) => {
    return [name, { type: option.default === null ? "boolean" : "string" } as const] as const;
  });
  try {
    const { values } = parseArgs({ options: Object.fromEntries(options) });
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    return refuse((error as Error).message.split("\n")[0]!);
  }
}

function helpText(title: string, table: Record<string, Option<unknown>>): string {
  const lines = Object.entries(table).map(([name, option]) => {
    const isFlag = option.default === null;
    const start = `  --${name}${isFlag ? "" : ` ${option.default}`}`.padEnd(36);
    return `${start} ${option.says}${isFlag ? "" : `: ${option.rule}`}\n`;
  });
  return `${title}\n\nOptions, with what they are unless given:\n${lines.join("")}`;
}

function refuse(line: string): never {
  process.stderr.write(`${line} (--help lists the options)\n`);
  process.exit(2);
}
