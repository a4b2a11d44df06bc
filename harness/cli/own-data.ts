/** @file `--data`: looks at somebody's own data, makes them ready, and derives their protocol. */

import { protocolId } from "../../record/protocols.ts";
import type { Protocol } from "../../record/protocols.ts";
import { isStreamed, readsImageFiles } from "../../record/datasets.ts";
import { type LocalData, localProtocol } from "../../record/local-protocol.ts";
import { RecordError, nameProblem } from "../../record/problem.ts";
import { cacheFolder } from "../data/cache-folder.ts";
import type { LookOptions } from "../data/local/look.ts";
import { ARRAY_VIEWING, type LocalSource, type Prepared } from "../data/local/prepared.ts";
import { protocolView } from "../data/protocol-images.ts";
import { prepareArrays, prepareFolder } from "../data/local/preparation.ts";
import { lookAtArrays } from "../data/local/seen-arrays.ts";
import { type SeenFolder, describeSamples, lookAtFolder } from "../data/local/seen-folder.ts";
import type { Effects } from "../effects.ts";
import { EXIT, UserError } from "../errors.ts";
import { formatCount } from "../format.ts";
import type { DataNote } from "../data/local/data-note.ts";
import { type DataPlace, dataPlace } from "./data-place.ts";
import { fetchProgress } from "./dataset-progress.ts";
import { createPainter } from "./progress.ts";
import { blame, changed, chooseBase } from "./training-arguments.ts";

/** Data that are ready, and the protocol that they give. */
export interface ChosenData {
  protocol: Protocol;
  note: DataNote;
}

interface DataValues {
  data: string | null;
  protocol: string | null;
  set: string[];
  quiet: boolean;
}

/** Null without `--data`. @throws UserError naming the option, for all that cannot be trained on. */
export async function chooseData(
  { data, protocol, set, quiet }: DataValues,
  effects: Effects,
): Promise<ChosenData | null> {
  if (data === null) return null;
  const base = chooseBase(protocol ?? "micro-1", effects);
  const place = blame("--data", () => dataPlace(data, effects));
  return ownData(place, { base, set, quiet }, effects);
}

/** @param wanted `base` and `set` decide how images are seen. */
export async function ownData(
  place: DataPlace,
  { base, set, quiet }: { base: Protocol; set: string[]; quiet: boolean },
  effects: Effects,
): Promise<ChosenData> {
  const { prepared, protocol } = await withProgress(place.name, quiet, effects, (options) =>
    readyData(place.source, base, set, options),
  );
  const { digests, source } = prepared;
  requirePinned(place, digests);
  if (!quiet) effects.err(`${dataText(place.name, prepared, protocol).join("\n")}\n`);
  return { protocol, note: { name: place.name, source, digests } };
}

function requirePinned({ name, pinned }: DataPlace, digests: Prepared["digests"]): void {
  if (pinned === null || (pinned.train === digests.train && pinned.test === digests.test)) return;
  const split = pinned.train === digests.train ? "test" : "train";
  throw new UserError(
    `${name} has changed since it was named: the digest of its ${split} split was ${pinned[split].slice(0, 12)}, and is ` +
      `${digests[split].slice(0, 12)}. Put back what it was, or name what it is now: rademark data rm ${name}, then data add. ` +
      "Runs on other data are runs of another protocol.",
    EXIT.verification,
  );
}

/** Runs a long look; an interrupt ends it, and what is done by then is kept. */
export async function withProgress<T>(
  name: string,
  quiet: boolean,
  effects: Effects,
  work: (options: LookOptions) => Promise<T>,
): Promise<T> {
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  const painter = createPainter(effects);
  const stop = new AbortController();
  const unlisten = effects.onInterrupt(() => stop.abort());
  try {
    return await work({
      ...{ name, cache: cacheFolder(effects.env), signal: stop.signal, again: false },
      onProgress: quiet ? () => undefined : fetchProgress(painter, effects),
    });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw new UserError(
      "Interrupted. The same command goes on where this one stopped.",
      EXIT.interrupted,
      {
        cause: error,
      },
    );
  } finally {
    painter.clear();
    unlisten();
  }
}

/** Looks at data and makes them ready for a base protocol and its changes. */
export async function readyData(
  source: LocalSource,
  base: Protocol,
  set: readonly string[],
  options: LookOptions,
): Promise<{ prepared: Prepared; protocol: Protocol }> {
  const derive = (data: LocalData, own: Protocol) =>
    changed(
      blame("--data", () => localProtocol(own, data)),
      set,
      base.name,
    );
  if (source.kind === "arrays") {
    const prepared = await prepareArrays(await lookAtArrays(source, options), options);
    const own = { ...base, augmentation: arrayAugmentation(base) };
    const protocol = derive({ ...facts(prepared, set), ...ARRAY_VIEWING }, own);
    requireOwnShape(prepared, protocol);
    return { prepared, protocol };
  }
  const seen = await lookAtFolder(source.root, options);
  const draft = drafted(seen, base, set, derive);
  const prepared = await prepareFolder(seen, draft, options);
  const { image, view } = draft;
  const protocol = derive({ ...facts(prepared, set), image, view }, base);
  return { prepared, protocol };
}

/** Makes data ready for a protocol that has theirs, or another's. @returns the digests that they have now. */
export async function prepareAgain(
  source: LocalSource,
  protocol: Protocol,
  options: LookOptions,
): Promise<Prepared["digests"]> {
  if (source.kind === "arrays")
    return (await prepareArrays(await lookAtArrays(source, options), options)).digests;
  const seen = await lookAtFolder(source.root, options);
  return (await prepareFolder(seen, protocol, options)).digests;
}

/** Crops are cut out of files; an array has none. */
function arrayAugmentation({ augmentation }: Protocol): Protocol["augmentation"] {
  return augmentation.kind === "flip-crop" ? augmentation : ARRAY_VIEWING.augmentation;
}

function requireOwnShape({ image }: Prepared, protocol: Protocol): void {
  for (const side of ["height", "width", "channels"] as const)
    if (protocol.image[side] !== image[side])
      throw new UserError(`--set: image.${side}: arrays keep their shape, here ${image[side]}`);
}

function facts(
  prepared: Pick<Prepared, "dataset" | "classes" | "digests" | "image" | "normalize">,
  set: readonly string[],
) {
  const { dataset, classes, digests, image, normalize } = prepared;
  const trained = Math.min(dataset.trainSamples, subsetOf(set, classes.length));
  return { dataset, classes: classes.length, digests, image, normalize, trained };
}

/** Samples that a subset would leave; batches and label spaces are fitted to them. */
function subsetOf(set: readonly string[], classes: number): number {
  const perClass = set.flatMap((each) => /^subset\.perClass=(\d+)$/.exec(each)?.[1] ?? []).at(-1);
  return perClass === undefined ? Infinity : Number(perClass) * classes;
}

type Derive = (data: LocalData, own: Protocol) => Protocol;

/** How images will be seen: from `--set`, or else by their sizes and colours. */
function drafted(
  seen: SeenFolder,
  base: Protocol,
  set: readonly string[],
  derive: Derive,
): Protocol {
  const { classes, digests, smallestClass } = describeSamples(seen);
  const looks = [...seen.train, ...seen.test].map(({ look }) => look);
  const crops = base.augmentation.kind === "flip-resized-crop";
  const channels = channelsOf(set) ?? (!crops && looks.every(({ grey }) => grey) ? 1 : 3);
  const { height, width } = looks[0]!;
  const isOneSize = looks.every((look) => look.height === height && look.width === width);
  const keepsSize = isOneSize && Math.max(height, width) <= LARGEST_OWN;
  const size = keepsSize && !crops ? { height, width } : base.image;
  const data = {
    ...facts(
      {
        dataset: {
          ...{ kind: "images", values: "uint8", smallestClass },
          ...{ trainSamples: seen.train.length, testSamples: seen.test.length },
        },
        ...{ classes, digests, normalize: flat(channels) },
        image: { height: size.height, width: size.width, channels },
      },
      set,
    ),
    view: { kind: "whole" } as Protocol["view"],
  };
  const { image } = derive(data, base);
  const isSeenWhole = isOneSize && height === image.height && width === image.width;
  const view = isSeenWhole && !crops ? data.view : centre(base, image);
  const draft = derive({ ...data, image, view }, base);
  requireSight(draft, isSeenWhole);
  if (readsImageFiles(draft)) blame("--data", () => protocolView(draft));
  return draft;
}

/** Images of one size, up to this on each side, are small enough to be trained on as they are. */
const LARGEST_OWN = 64;

const flat = (channels: number) => ({
  mean: Array<number>(channels).fill(0),
  std: Array<number>(channels).fill(1),
});

function channelsOf(set: readonly string[]): number | null {
  const asked = set.flatMap((each) => /^image\.channels=(.*)$/.exec(each)?.[1] ?? []).at(-1);
  if (asked === undefined) return null;
  if (asked === "1" || asked === "3") return Number(asked);
  throw new UserError("--set: image.channels: images have 1 (grey) or 3");
}

/** The middle of the image, as large as it can be; of a base that leaves out a margin, with that margin. */
function centre(
  { view, image: usual }: Protocol,
  { height, width }: Protocol["image"],
): Protocol["view"] {
  const longer = Math.max(height, width);
  const margin = view.kind === "whole" ? 1 : view.shorterSide / Math.max(usual.height, usual.width);
  return { kind: "center-crop", shorterSide: Math.round(longer * margin) };
}

function requireSight({ view, image }: Protocol, isSeenWhole: boolean): void {
  const refuse = (rule: string) => {
    throw new UserError(new RecordError([nameProblem("view", "--set: view", rule)]).message);
  };
  if (view.kind === "whole" && !isSeenWhole)
    refuse('images of other sizes are scaled: {"kind":"center-crop","shorterSide":N}');
  if (view.kind === "center-crop" && view.shorterSide < Math.max(image.height, image.width))
    refuse(`a shorter side of at least ${Math.max(image.height, image.width)} covers the image`);
}

/** What a person should know before training on their data: a line of what they are, and one for each oddity. */
export function dataText(name: string, prepared: Prepared, protocol: Protocol): string[] {
  const { dataset, classes, digests } = prepared;
  const { image, view, heads, batch } = protocol;
  const what = dataset.kind === "images" ? "images" : "samples";
  const shape = [image.height, image.width, image.channels].join(" x ");
  const scaled =
    view.kind === "center-crop" ? ` (shorter side to ${view.shorterSide}, the middle cut out)` : "";
  const where = readsImageFiles(protocol)
    ? "read from their files"
    : isStreamed(protocol)
      ? "read from the disk"
      : "kept in memory";
  const spaces = heads.map(({ n }) => n).join(", ");
  return [
    `${name} (${digests.train.slice(0, 8)}): ${formatCount(classes.length)} classes (${shortList(classes)}), ` +
      `${formatCount(dataset.trainSamples)} training and ${formatCount(dataset.testSamples)} test ${what} of ${shape}${scaled}, ${where}`,
    `${protocol.name} (${protocolId(protocol).slice(0, 12)}): batches of ${batch}, random labels of n = ${spaces}; local, for no board`,
    ...remarkLines(name, prepared, protocol),
  ];
}

function remarkLines(
  name: string,
  { remarks, source }: Prepared,
  { subset }: Pick<Protocol, "subset">,
): string[] {
  const { leftOut, duplicates, oriented, constant, untested, reading } = remarks;
  const left = Object.entries(leftOut).map(
    ([reason, { count, examples }]) =>
      `${name}: left out, ${reason}: ${formatCount(count)} (${examples.join(", ")}${count > examples.length ? ", ..." : ""})`,
  );
  const lines: [count: number, line: string][] = [
    [
      duplicates,
      "of the test samples are training samples as well, value for value: the generalization gap looks smaller than it is" +
        (subset === null
          ? ""
          : ", as far as the subset holds them: all training samples were searched"),
    ],
    [
      oriented,
      "images have an EXIF orientation, which is not applied: they are seen as they are stored",
    ],
    [untested, "classes have no test sample"],
    [constant, "channels have one value in all training samples: they are centred, and not scaled"],
  ];
  return [
    ...(reading === null || source.kind === "images"
      ? []
      : [`${name}: axes are read as ${reading}`]),
    ...left,
    ...lines
      .filter(([count]) => count > 0)
      .map(([count, line]) => `${name}: ${formatCount(count)} ${line}`),
  ];
}

const shortList = (names: readonly string[]) =>
  names.slice(0, 4).join(", ") + (names.length > 4 ? ", ..." : "");
