/** @file `rademark bench` */

import { fileURLToPath } from "node:url";
import { BENCH_NAMES, bench as measure } from "../../../bench/training/bench.ts";
import { goalTable, speedTable, writeDocument } from "../../../bench/training/document.ts";
import { likenessTable, studyTable } from "../../../bench/training/study.ts";
import { cacheFolder } from "../../data/cache-folder.ts";
import { EXIT } from "../../errors.ts";
import { commonArguments, defineCommand, flag, jsonArgument, someOf } from "../command.ts";
import { formatTable } from "../../terminal-table.ts";

const names = someOf(...BENCH_NAMES);

const DOCUMENT = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url));

export const command = defineCommand({
  meta: {
    details:
      "Installs PyTorch and TensorFlow for Python into the cache folder (on Linux on Intel, with CUDA's\n" +
      "packages, over 3 GB to fetch and up to 10 GB on disk), then has them and rademark train the same\n" +
      "models in turn, with two threads each. It takes a quarter of an hour on an otherwise idle machine;\n" +
      "turns that other programs disturb are repeated. Studies, whole runs with all that they measure, are raced\n" +
      "where they are named: --only study takes another three quarters of an hour.",
    examples: [
      "rademark bench",
      "rademark bench --only wrn-16-1,heads --json",
      "rademark bench --only study-cnn-16 --quick",
    ],
  },
  args: {
    only: {
      summary: `what to measure, of ${BENCH_NAMES.join(", ")}`,
      placeholder: "NAMES",
      read: names,
      separator: ",",
      fallback: null,
    },
    quick: flag("few, short turns: shows that everything works, but measures nothing"),
    write: flag("write the result into docs/benchmarks.md"),
    json: jsonArgument,
    ...commonArguments,
  },
  async run({ only, quick, write, json, quiet }, { out, err, env }) {
    const options = { only, quick, cache: cacheFolder(env) };
    const result = await measure(options, (line) => void (quiet || err(`${line}\n`)));
    if (write) writeDocument(DOCUMENT, result);
    const tables = [
      ...(result.rows.length > 0 ? [speedTable(result)] : []),
      ...(result.studies.length > 0 ? [studyTable, likenessTable] : []).map((table) =>
        table(result.studies),
      ),
      goalTable(result),
    ];
    const text = tables.map(({ columns, rows }) => formatTable(columns, rows)).join("\n");
    out(json ? `${JSON.stringify(result, null, 2)}\n` : text);
    return EXIT.ok;
  },
});
