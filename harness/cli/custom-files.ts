/** @file Architectures and regularizers that a person gives by path: `--arch ./my-net.ts --reg "wd=0.005,./my-reg.ts=0.1"`. */

import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { architectureName, parseArchitecture } from "../../record/architecture.ts";
import type { Configuration } from "../../record/configuration.ts";
import {
  type CustomCode,
  SOURCE_BYTES,
  SourceText,
  nameOfSource,
  sourceDigest,
} from "../../record/custom-code.ts";
import { type CustomName, customName, nameOfFile } from "../../record/custom-name.ts";
import { RecordError, nameProblem } from "../../record/problem.ts";
import { formatRegularizers, parseRegularizers } from "../../record/regularizers.ts";
import type { CustomSources } from "../custom-sources.ts";
import { EXIT, UserError } from "../errors.ts";
import { explainDisk } from "../files.ts";
import type { Effects } from "../effects.ts";
import { type Inspectable, inspections } from "../study/inspections.ts";
import type { PlannedRun } from "../study/run-folder.ts";
import { workerVariables } from "./command.ts";

const ENDING = /\.(ts|mts|js|mjs)$/i;

/** Whether a word names a file instead of something built in: by its ending, or by a slash. */
export function isFile(word: string): boolean {
  return ENDING.test(word) || word.includes("/");
}

const nameless = (name: string) =>
  nameProblem("own-file", name, "give the file itself, such as ./my-net.ts");

/** Canonical, unless it is a file: that is read when the configuration is planned. */
export function readArchitectureWord(word: string): string {
  if (isFile(word)) return word;
  const architecture = parseArchitecture(word);
  if (architecture.family === "custom") throw new RecordError([nameless(word)]);
  return architectureName(architecture);
}

/** An item of `--reg`: a file, and perhaps a strength. */
const FILE_ITEM = /^(.*\.(?:ts|mts|js|mjs)|[^=]*\/[^=]*)(?:=([^=]*))?$/i;

/** Stands for a file while the other items are read. */
const STAND_IN = customName({ name: "file", digest: "0".repeat(8) });

/** The same for regularizers. */
export function readRegularizerWords(text: string): string {
  const items = text.split(",").map((item) => item.trim());
  const files = items.filter(isFile);
  if (files.length === 0) {
    const regularizers = parseRegularizers(text);
    if (regularizers.custom !== null) throw new RecordError([nameless(text)]);
    return formatRegularizers(regularizers);
  }
  if (files.length > 1)
    throw new RecordError([
      nameProblem("given-twice", files.join(" and "), "one regularizer of one's own at a time"),
    ]);
  requireStrength(files[0]!);
  parseRegularizers(items.map((item) => (isFile(item) ? standIn(item) : item)).join());
  return items.join();
}

function requireStrength(item: string): void {
  try {
    parseRegularizers(standIn(item));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    const rule = "write ./FILE.ts=STRENGTH, with a strength from 0 to 10000";
    throw new RecordError([nameProblem("form", item, rule)]);
  }
}

const standIn = (item: string, name = STAND_IN) => {
  const strength = FILE_ITEM.exec(item)?.[2];
  return strength === undefined ? name : `${name}=${strength}`;
};

/** A file of code, read but not run. */
interface OwnFile {
  /** As it was typed. */
  file: string;
  text: string;
  digest: string;
  name: string;
}

/** What a configuration is made of, before it is canonical. */
export interface OwnChoice extends CustomCode {
  arch: string;
  regs: string;
  sources: CustomSources;
}

/** The files among architectures and regularizers; each is read once. */
export class OwnFiles {
  readonly #cwd: string;
  readonly #files = new Map<string, OwnFile>();
  /** Taps that an architecture declares, by its file as typed. */
  readonly taps = new Map<string, string[]>();

  constructor({ cwd }: Pick<Effects, "cwd">) {
    this.#cwd = cwd;
  }

  get all(): OwnFile[] {
    return [...this.#files.values()];
  }

  /** @throws UserError for a file that cannot be code. */
  choice(arch: string, regs: string): OwnChoice {
    const architecture = isFile(arch) ? this.#read(arch) : null;
    const items = regs.split(",");
    const at = items.findIndex(isFile);
    const item = at < 0 ? null : items[at]!;
    const regularizer = item === null ? null : this.#read(FILE_ITEM.exec(item)?.[1] ?? item);
    const words = items.map((each) =>
      each === item ? standIn(each, customName(nameOf(regularizer!))) : each,
    );
    // A strength of zero leaves the file out, as it leaves out everything else.
    const isIdle = regularizer !== null && parseRegularizers(words.join()).custom === null;
    const acting = isIdle ? null : regularizer;
    return {
      arch:
        architecture === null
          ? arch
          : architectureName({ family: "custom", ...nameOf(architecture) }),
      regs: words.join(),
      source: architecture && architecture.digest,
      regSource: acting && acting.digest,
      customTaps: architecture && (this.taps.get(arch) ?? ["unknown"]),
      sources: {
        source: architecture && architecture.text,
        regSource: acting && acting.text,
      },
    };
  }

  /** As the files of a configuration were typed. */
  namesOf({ source, regSource }: Pick<Configuration, "source" | "regSource">): CustomSources {
    const typed = (digest: string | null) =>
      digest && this.all.find((file) => file.digest === digest)!.file;
    return { source: typed(source), regSource: typed(regSource) };
  }

  #read(file: string): OwnFile {
    const known = this.#files.get(file);
    if (known) return known;
    const text = readText(resolve(this.#cwd, file), file);
    const name = nameOfFile(basename(file));
    if (name === null)
      throw new UserError(`${file}: its name has no letter or digit to call it by. Rename it.`);
    const read = { file, text, digest: sourceDigest(text), name };
    this.#files.set(file, read);
    return read;
  }
}

const nameOf = ({ name, digest }: OwnFile): CustomName => nameOfSource(name, digest);

function readText(path: string, shown: string): string {
  if (!ENDING.test(shown))
    throw new UserError(`${shown}: a file of code ends in .ts, .mts, .js or .mjs.`);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new UserError(
        `${shown}: there is no such file. (Commas separate names, so no path has one.)`,
        EXIT.usage,
        { cause: error },
      );
    throw explainDisk(error, shown);
  }
  if (bytes.length > SOURCE_BYTES)
    throw new UserError(`${shown}: ${bytes.length} bytes; at most ${SOURCE_BYTES} (64 kB).`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UserError(`${shown}: it is not UTF-8.`, EXIT.usage, { cause: error });
  }
  if (text.trim() === "") throw new UserError(`${shown}: it is empty.`);
  if (text.includes("\r"))
    throw new UserError(
      `${shown}: its lines end in carriage returns, as Windows writes them. Save it with LF alone.`,
    );
  const parsed = SourceText.safeParse(text);
  if (parsed.success) return text;
  const line = text.split("\n").findIndex((each) => !SourceText.safeParse(`${each} `).success);
  throw new UserError(`${shown}:${line + 1}: ${parsed.error.issues[0]!.message}.`);
}

/**
 * Learns the taps of every architecture that was given as a file, from a worker that tries it.
 *
 * @param planned the configuration of an architecture without regularizers.
 */
export async function learnTaps(
  archs: readonly string[],
  own: OwnFiles,
  planned: (arch: string) => PlannedRun,
  effects: Effects,
): Promise<void> {
  const files = archs.filter(isFile);
  const wanted = files.map((arch) => {
    const plannedRun = planned(arch);
    const configuration = { ...plannedRun.configuration, customTaps: null };
    return { ...plannedRun, configuration, files: own.namesOf(configuration) };
  });
  for await (const [i, { taps }] of tried(wanted, effects)) own.taps.set(files[i]!, taps);
}

/** Tries what acts on an architecture from inside: every regularizer from a file, and the first dropout of a file's architecture. */
export async function tryRegularizers(
  plannedRuns: readonly PlannedRun[],
  own: OwnFiles,
  effects: Effects,
): Promise<void> {
  const dropped = new Set<string>();
  const wanted = plannedRuns.filter(({ configuration: { regs, source, regSource } }) => {
    const isDropout = source !== null && parseRegularizers(regs).dropout > 0;
    const isFirst = isDropout && !dropped.has(source);
    if (isFirst) dropped.add(source);
    return regSource !== null || isFirst;
  });
  const inspectables = wanted.map((plannedRun) => ({
    ...plannedRun,
    files: own.namesOf(plannedRun.configuration),
  }));
  for await (const _ of tried(inspectables, effects));
}

/** Tries one after the other. @yields the place of each, and what was found. @throws UserError for the first that is wrong. */
export async function* tried(wanted: readonly Inspectable[], effects: Effects) {
  if (wanted.length === 0) return;
  const interrupted = new AbortController();
  const unlisten = effects.onInterrupt(() => interrupted.abort());
  try {
    const module = effects.worker;
    const variables = workerVariables(effects.env);
    const signal = interrupted.signal;
    let i = 0;
    for await (const found of inspections(wanted, { module, interrupted: signal, variables })) {
      if (found instanceof UserError) throw found;
      yield [i++, found] as const;
    }
  } finally {
    unlisten();
  }
}
