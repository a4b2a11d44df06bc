import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { leanConnection, readAtRate } from "../../bench/load/latencies.ts";
import { runSoak } from "../../bench/load/soak-run.ts";
import { layOutDatabase } from "../world/databases.ts";

test(
  "a server killed amid submissions keeps every acknowledged entry, once, in a log that verifies",
  { timeout: 180_000 },
  async () => {
    // one round; many, one after another, are `npm run soak`
    const plan = { rounds: 1, entries: 10, clients: 4, keys: 2, seed: 5, reindexEvery: 1 };
    const options = { deployment: "pglite", ...plan } as const;
    const { rounds, faults } = await runSoak(options, undefined, layOutDatabase);
    expect(faults).toEqual([]);
    expect(rounds.map(({ entries }) => entries)).toEqual([10]);
    // the kill did come in the middle: some were acknowledged before, some asked for again
    for (const { before } of rounds) expect(before).toBeLessThan(10);
    expect(rounds.reduce((sum, { open }) => sum + open, 0)).toBeGreaterThan(0);
  },
);

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test("a connection that the server closed is known to be closed", async () => {
  const server = createServer((_, response) => response.end("x".repeat(300_000)));
  [server.keepAliveTimeout, server.keepAliveTimeoutBuffer] = [200, 0];
  const connection = leanConnection(await listening(server), {});
  await connection.get();
  await connection.get();
  expect(connection.isOpen()).toBe(true);
  await expect.poll(() => connection.isOpen()).toBe(false);
});

test("reads go on when the server has closed connections between them", async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    const wait = asked++ % 10 === 0 ? 100 : 0; // then others are opened, of which some idle
    void sleep(wait).then(() => response.end("x"));
  });
  [server.keepAliveTimeout, server.keepAliveTimeoutBuffer] = [50, 0];
  const address = await listening(server);
  const { count } = await readAtRate(address, { rate: 20, seconds: 2 }, {});
  expect(count).toBe(40);
});

test("what is not 200 is a fault", async () => {
  const server = createServer((_, response) => response.writeHead(503).end("away"));
  const connection = leanConnection(await listening(server), {});
  await expect(connection.get()).rejects.toThrow("503");
  connection.close();
});
