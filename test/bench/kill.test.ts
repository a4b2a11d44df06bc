import { expect, test } from "vitest";
import { runSoak } from "../../bench/load/soak-run.ts";

test(
  "a server killed three times amid submissions keeps every acknowledged entry, once, in a log that verifies",
  { timeout: 180_000 },
  async () => {
    const plan = { rounds: 3, entries: 20, clients: 4, keys: 2, seed: 5, reindexEvery: 3 };
    const { rounds, faults } = await runSoak({ deployment: "pglite", ...plan });
    expect(faults).toEqual([]);
    expect(rounds.map(({ entries }) => entries)).toEqual([20, 40, 60]);
    // the kills did come in the middle: some were acknowledged before, some asked for again
    for (const { before } of rounds) expect(before).toBeLessThan(20);
    expect(rounds.reduce((sum, { open }) => sum + open, 0)).toBeGreaterThan(0);
  },
);
