/** @file Code of a researcher's own: what its source may be, and when a name is that of a source (method.md section 6). */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import { type Architecture, TapNames, architectureName } from "./architecture.ts";
import { CUSTOM_FORM, type CustomName, customName } from "./custom-name.ts";
import { type Problem, nameProblem } from "./problem.ts";
import type { Regularizers } from "./regularizers.ts";
import { Digest } from "./run.ts";

export const SOURCE_BYTES = 65_536;

/** Controls other than tab and line feed, halves of surrogate pairs, and what makes source read otherwise than it runs. */
const MISLEADING = /(?![\t\n])\p{Cc}|[\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** Source text of one file: at most 64 kB of UTF-8. */
export const SourceText = z
  .string()
  .min(1)
  .max(SOURCE_BYTES)
  .refine((text) => new TextEncoder().encode(text).length <= SOURCE_BYTES, {
    message: "at most 65536 bytes of UTF-8",
  })
  .refine((text) => !MISLEADING.test(text), {
    message:
      "no control character but tab and line feed, no other separator of lines, no bidi control",
  });

/** What code of one's own a configuration has. */
export const CustomCode = z.strictObject({
  /** SHA-256 of the UTF-8 source text of a custom architecture; null for one that `arch` names. */
  source: Digest.nullable(),
  /** The same of a custom regularizer; null without one. */
  regSource: Digest.nullable().default(null),
  /** The taps that a custom architecture declares, by name in order of depth; null for one that `arch` names. */
  customTaps: TapNames.nullable().default(null),
});

export type CustomCode = z.infer<typeof CustomCode>;
export const NO_CUSTOM_CODE: CustomCode = { source: null, regSource: null, customTaps: null };

/** SHA-256 of the text's UTF-8 bytes, in hexadecimal. */
export function sourceDigest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** The name of a source. */
export function nameOfSource(name: string, digest: string): CustomName {
  return { name, digest: digest.slice(0, 8) };
}

/** The members of a statement that custom code stands in, by what it is of. */
const MEMBERS = { arch: "source", reg: "regSource" } as const;

export type CodeMember = (typeof MEMBERS)[keyof typeof MEMBERS];

/** A custom name in a configuration, and what it is said to stand for. */
export interface NamedCode {
  kind: keyof typeof MEMBERS;
  member: CodeMember;
  /** `custom:NAME@DIGEST8` */
  name: string;
  /** SHA-256 of the source. */
  digest: string;
}

/**
 * The custom names of a configuration; empty for nearly all.
 *
 * @param configured canonical, by `codeProblems` without a fault.
 */
export function namesOfCode({
  arch,
  regs,
  source,
  regSource,
}: { arch: string; regs: string } & Pick<CustomCode, CodeMember>): NamedCode[] {
  const reg = regs.split(",").find((item) => item.startsWith("custom:")) ?? "";
  const named = (kind: NamedCode["kind"], name: string, digest: string | null): NamedCode[] =>
    digest === null ? [] : [{ kind, member: MEMBERS[kind], name, digest }];
  return [...named("arch", arch, source), ...named("reg", reg.split("=")[0]!, regSource)];
}

/** A rule that a configuration's code breaks, with the member that it is about. */
export interface CodeProblem {
  member: keyof CustomCode;
  problem: Problem;
}

/** Custom names have a source whose digest they begin with, and declared taps; other names have neither. */
export function codeProblems(
  arch: Architecture,
  { custom }: Pick<Regularizers, "custom">,
  { source, regSource, customTaps }: CustomCode,
): CodeProblem[] {
  const own = arch.family === "custom" ? arch : null;
  const name = architectureName(arch);
  const taps = own === null ? "none: only custom architectures declare taps" : "a list of names";
  const rules: [holds: boolean, member: keyof CustomCode, found: string, rule: string][] = [
    [isSourceOf(own, source), "source", source ?? "no source", sourceRule(own, name)],
    [
      isSourceOf(custom, regSource),
      "regSource",
      regSource ?? "no source",
      sourceRule(custom, "regularizers"),
    ],
    [(own === null) === (customTaps === null), "customTaps", `taps of ${name}`, taps],
  ];
  return rules
    .filter(([holds]) => !holds)
    .map(([, member, found, rule]) => ({ member, problem: nameProblem(member, found, rule) }));
}

function isSourceOf(named: CustomName | null, digest: string | null): boolean {
  if (named === null || digest === null) return named === digest;
  return digest.startsWith(named.digest);
}

function sourceRule(named: CustomName | null, name: string): string {
  if (named === null) return `none, as ${name} names no code of its own (${CUSTOM_FORM})`;
  return `the source of ${customName(named)}, whose SHA-256 begins with ${named.digest}`;
}
