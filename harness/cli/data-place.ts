/** @file What `--data` and `data add` are given: a name, a folder of images or arrays, or four files. */

import { existsSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { DATASET_NAMES } from "../../record/datasets.ts";
import { didYouMean } from "../../record/problem.ts";
import { arraysIn, arraysOf, holdsArrays } from "../data/local/array-files.ts";
import { listNames, readName } from "../data/local/names.ts";
import type { LocalSource } from "../data/local/prepared.ts";
import type { Effects } from "../effects.ts";
import { UserError } from "../errors.ts";
import { onDisk } from "../files.ts";
import { configFolder } from "../listing/key-store.ts";

export interface DataPlace {
  /** Given by a person, or that of the folder. */
  name: string;
  source: LocalSource;
  /** Digests that the data had when they were named; null for data without a name. */
  pinned: { train: string; test: string } | null;
}

/** @throws UserError for what is neither a name nor data. */
export function dataPlace(text: string, effects: Pick<Effects, "cwd" | "env">): DataPlace {
  const path = resolve(effects.cwd, text);
  const config = configFolder(effects.env);
  const named = readName(config, text);
  if (named === null) return placeAt(text, effects);
  if (existsSync(path))
    throw new UserError(
      `${text} is a name (rademark data ls) and a path as well. Write ./${text} for the path.`,
    );
  return { name: text, source: named.source, pinned: named.digests };
}

/** The same for a path alone. */
export function placeAt(text: string, { cwd, env }: Pick<Effects, "cwd" | "env">): DataPlace {
  const path = resolve(cwd, text);
  const stats = onDisk(() => statSync(path, { throwIfNoEntry: false }), path);
  if (stats?.isDirectory()) {
    const isArrays = onDisk(() => holdsArrays(path), path);
    const source: LocalSource = isArrays
      ? { kind: "arrays", ...arraysIn(path) }
      : { kind: "images", root: path };
    return { name: basename(path), source, pinned: null };
  }
  if (stats === undefined && text.includes(",")) {
    const paths = text.split(",").map((each) => resolve(cwd, each.trim()));
    const name = basename(dirname(paths[0]!));
    return { name, source: { kind: "arrays", ...arraysOf(paths) }, pinned: null };
  }
  throw new UserError(stats === undefined ? noSuchPlace(text, env) : noFolder(text));
}

function noSuchPlace(text: string, env: Effects["env"]): string {
  if ((DATASET_NAMES as readonly string[]).includes(text))
    return `${text} is a published data set, no data of one's own: --set dataset=${text}`;
  const names = listNames(configFolder(env)).map(([name]) => name);
  const known = names.length > 0 ? `, and no name of data (${names.join(", ")})` : "";
  return `${text}: there is no such folder or file${known}${didYouMean(text, names)}`;
}

function noFolder(text: string): string {
  if (/\.npz$/i.test(text))
    return `${text} is a .npz archive. Write its arrays one by one: np.save("x-train.npy", x_train), and likewise y-train, x-test and y-test; then give their folder`;
  if (/\.npy$/i.test(text))
    return `${text} is one array; data are four: x-train.npy,y-train.npy,x-test.npy,y-test.npy, or a folder that holds them`;
  return `${text} is neither a folder nor four .npy files`;
}
