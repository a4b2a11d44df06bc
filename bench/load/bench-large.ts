/** @file `npm run bench:large`: what a very large board costs by the entry, on PostgreSQL: bytes of its tables, time of its ranks. */

import { sql } from "drizzle-orm";
import { columnRanks } from "../../record/board/board-ranks.ts";
import { BENCH_HOMES } from "./bench-deployments.ts";
import { fillLog } from "./bench-run.ts";
import { loadHolders } from "./submissions.ts";
import { fraction } from "./synthetic.ts";
import { count, counts, readOptions } from "./tool-options.ts";

const { entries, ranked } = readOptions(
  "npm run bench:large: what a very large board costs by the entry, on PostgreSQL",
  {
    entries: count(
      300,
      "made-up results of micro-1 (five runs each, no challenge) that are stored",
    ),
    ranked: counts("10000,30000,100000", "entries of one column that are ranked"),
  },
);

const deployment = await BENCH_HOMES.postgres();
try {
  await (await deployment.serve()).stop(); // which lays out the tables
  const { db, close } = await deployment.open();
  try {
    const sizes = sql`select relname as name, pg_total_relation_size(relid)::int as bytes
      from pg_stat_user_tables order by 2 desc`;
    const bytesOf = async () =>
      ((await db.execute(sizes)) as { rows: { name: string; bytes: number }[] }).rows;
    const empty = new Map((await bytesOf()).map(({ name, bytes }) => [name, bytes]));
    await fillLog(db, await loadHolders(40), { from: 0, to: entries });
    const grown = (await bytesOf()).map(({ name, bytes }) => ({
      name,
      each: (bytes - empty.get(name)!) / entries / 1000,
    }));
    process.stdout.write(`kB an entry, of ${entries}, on ${deployment.name}:\n`);
    const all = { name: "all", each: grown.reduce((sum, { each }) => sum + each, 0) };
    for (const { name, each } of [...grown.filter(({ each }) => each >= 0.05), all])
      process.stdout.write(`  ${name.padEnd(14)} ${each.toFixed(1).padStart(6)}\n`);
  } finally {
    await close();
  }
} finally {
  await deployment.remove();
}

process.stdout.write("Processor time of the ranks of one column:\n");
for (const size of ranked) {
  const numbers = new Float64Array(3 * size);
  for (let i = 0; i < size; i++)
    numbers.set([fraction(i, 0), 0.0002 + 0.0006 * fraction(i, 1), 5 + (i % 4)], 3 * i);
  const begun = process.cpuUsage();
  columnRanks({ numbers, order: "ascending" });
  const { user, system } = process.cpuUsage(begun);
  process.stdout.write(`  ${size} entries: ${((user + system) / 1e6).toFixed(2)} s\n`);
}
