/** @file Documents of `rademark probe --json` that somebody kept, read again and put side by side. */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { problemLine, schemaProblems } from "../../record/problem.ts";
import { EXIT, UserError } from "../errors.ts";
import { onDisk, readGivenJson } from "../files.ts";
import { fileNames } from "./comparison-text.ts";
import { LAYOUT, MOST_FILES, ProbeDocument, type TapDocument } from "./probe-document.ts";

export interface KeptProbe {
  /** As it was typed. */
  place: string;
  document: ProbeDocument;
}

/** @throws UserError for anything but a whole document of this version. */
export function readProbe(place: string, cwd: string): KeptProbe {
  const path = resolve(cwd, place);
  if (/\.(npy|safetensors)$/i.test(place))
    throw new UserError(
      `${place} holds features, not a probe's document. Side by side: rademark probe --features A --features B`,
    );
  const size = onDisk(() => statSync(path).size, path);
  if (size === 0)
    throw new UserError(`${place} is empty: the probe that was to write it did not end well.`);
  if (size > MOST_BYTES) throw new UserError(`${place} is too large for a probe's document.`);
  const value = readGivenJson(path, place);
  checkLayout(place, value);
  const parsed = Consistent.safeParse(value);
  if (parsed.success) return { place, document: parsed.data };
  const problems = schemaProblems(parsed.error, value).map((each) => `  ${problemLine(each)}`);
  throw new UserError(
    [`${place} is damaged, or was edited:`, ...problems].join("\n"),
    EXIT.verification,
  );
}

const MOST_BYTES = 2 ** 26;

const Layout = z.object({ probe: z.int() });

function checkLayout(place: string, value: unknown): void {
  const parsed = Layout.safeParse(value);
  if (!parsed.success)
    throw new UserError(`${place} is not a document of rademark probe --json, nor a run's folder.`);
  const { probe } = parsed.data;
  if (probe === LAYOUT) return;
  throw new UserError(
    probe < LAYOUT
      ? `${place} was written by an older version (layout ${probe}, now ${LAYOUT}) and does not say which samples, class ` +
          "labels and draws it is of. Probe the features again."
      : `${place} was written by a newer version (layout ${probe}; this one reads ${LAYOUT}).`,
  );
}

/** With the rules that go beyond one member. */
const Consistent = ProbeDocument.superRefine(({ files, samples, draws, taps }, context) => {
  const spaces = spacesOf(taps).join();
  for (const [i, { file, refit, null: rungs }] of taps.entries()) {
    const require = (holds: boolean, path: (string | number)[], message: string) => {
      if (!holds) context.addIssue({ code: "custom", path: ["taps", i, ...path], message });
    };
    require(file < files.length, ["file"], "is one of the files");
    require(refit.map(({ n }) => n).join() === spaces, [
      "refit",
    ], "has the first tap's label spaces");
    require(rungs.map(({ n }) => n).join() === spaces, [
      "null",
    ], "has the first tap's label spaces");
    for (const [k, { redraws, told }] of refit.entries()) {
      require(redraws.length === draws, [
        "refit",
        k,
        "redraws",
      ], `has as many counts as draws, ${draws}`);
      const most = Math.max(told ?? 0, ...redraws);
      require(most <= samples, ["refit", k], `counts are of ${samples} samples`);
    }
  }
});

const spacesOf = (taps: readonly Pick<TapDocument, "refit">[]) => taps[0]!.refit.map(({ n }) => n);

/** Probes that can be compared: every tap of every file, as if they had been probed together. */
export interface JoinedProbes {
  taps: TapDocument[];
  /** What each tap's file is called. */
  names: string[];
  samples: number;
  /** What may keep a difference from being one of the features; sentences. */
  doubts: string[];
}

/** @throws UserError for probes of other samples, labels or label spaces, and for too many or too few files. */
export function joinProbes(probes: readonly KeptProbe[]): JoinedProbes {
  const names = probes.flatMap(({ place, document: { files } }) =>
    files.length === 1
      ? [place]
      : fileNames(files.map(({ features }) => features)).map((name) => `${place}: ${name}`),
  );
  if (names.length < 2)
    throw new UserError("B is missing: the probe of a single file has nothing to compare with.");
  if (names.length > MOST_FILES)
    throw new UserError(
      `These are ${names.length} files; up to ${MOST_FILES} are compared with each other.`,
    );
  requireAlike(probes);
  const taps = probes.flatMap(({ document }, i) => {
    const before = probes.slice(0, i).reduce((sum, each) => sum + each.document.files.length, 0);
    return document.taps.map((tap) => ({ ...tap, file: tap.file + before }));
  });
  const { samples } = probes[0]!.document;
  return { taps, names: taps.map(({ file }) => names[file]!), samples, doubts: doubtsOf(probes) };
}

/** What must be the same in all. */
interface Condition {
  name: string;
  /** Null: not known, which contradicts nothing. */
  key: (document: ProbeDocument) => string | null;
  /** Unless it is the key. */
  words?: (document: ProbeDocument) => string;
}

const CONDITIONS: readonly Condition[] = [
  { name: "samples", key: ({ samples }) => String(samples) },
  {
    name: "sample numbers",
    key: ({ index }) => index.sha256,
    words: ({ index }) => index.file ?? "0 to m-1",
  },
  {
    name: "class labels",
    key: ({ labels }) => labels && labels.sha256,
    words: ({ labels }) => labels?.file ?? "none",
  },
  { name: "seed of the random labels", key: ({ seed }) => String(seed) },
  { name: "label spaces", key: ({ taps }) => spacesOf(taps).join(", ") },
  { name: "ridge penalty", key: ({ penalty }) => String(penalty) },
];

function requireAlike(probes: readonly KeptProbe[]): void {
  const differing = CONDITIONS.flatMap(({ name, key, words = key }) => {
    const known = probes.filter(({ document }) => key(document) !== null);
    if (new Set(known.map(({ document }) => key(document))).size < 2) return [];
    return `  ${name}: ${known.map(({ place, document }) => `${words(document)} (${place})`).join("; ")}`;
  });
  if (differing.length === 0) return;
  throw new UserError(
    [
      "These cannot be compared: they are not probes of the same labellings of the same samples.",
      ...differing,
      "Probe the features again, alike.",
    ].join("\n"),
  );
}

function doubtsOf(probes: readonly KeptProbe[]): string[] {
  const all = (has: (document: ProbeDocument) => boolean) =>
    probes.every(({ document }) => has(document));
  const [fewest] = [...probes].sort((a, b) => a.document.draws - b.document.draws);
  const { draws } = fewest!.document;
  return [
    ...(all((document) => document.draws === draws)
      ? []
      : [`The first ${draws} labellings are compared, as ${fewest!.place} has no more.`]),
    ...(all(({ index }) => index.file !== null)
      ? []
      : [sameRows(all(({ labels }) => labels !== null))]),
  ];
}

/** Labels alone do not tell samples apart: two subsets sorted by class have the same. */
function sameRows(haveLabels: boolean): string {
  return haveLabels
    ? "Class labels agree; that row i is the same sample in all of them is taken for granted, as only an index of each shows it."
    : "That row i is the same sample in all of them is taken for granted: without an index of each, nothing in these documents shows it.";
}
