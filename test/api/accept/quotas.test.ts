import { afterEach, expect, test } from "vitest";
import { type Deployment, LIMITS } from "../../../api/deployment.ts";
import { sealEnvelope } from "../../../record/statement/envelope.ts";
import { upkeep } from "../../../api/accept/expire-challenges.ts";
import { quotas } from "../../../db/schema.ts";
import { aCommitment, alice, bob, hex } from "../../world/statements.ts";
import { type Laboratory, openPeopledLaboratory, refused } from "../../world/laboratory.ts";
import { problemOf } from "../../world/visitor.ts";

let laboratory: Laboratory;
afterEach(() => laboratory.close());

async function open(limits: Partial<Deployment["limits"]>): Promise<void> {
  laboratory = await openPeopledLaboratory();
  laboratory.deployment.limits = { ...LIMITS, openChallenges: 100, ...limits };
  laboratory.wait(3600); // the registrations are in another window
}
let commitments = 0;
const commit = (holder = alice) => {
  commitments += 1;
  const commitment = aCommitment({ key: holder.key, unique: hex(commitments) });
  return laboratory.submit("/v1/challenges", "commitment", commitment, holder);
};
const used = async () => {
  const start = laboratory.deployment.now().getTime() - 3_600_000;
  const rows = await laboratory.db.select().from(quotas);
  return rows.filter(({ startsAt }) => startsAt.getTime() > start).map((row) => row.used);
};

test("a key that used its quota up waits for the next window, alone", async () => {
  await open({ key: { requests: 3, windowSeconds: 3600 } });
  laboratory.wait(600);
  for (const status of [201, 201, 201, 429]) expect((await commit()).status).toBe(status);
  const answer = await commit();
  expect(Number(answer.headers.get("retry-after"))).toBe(3000);
  expect((await problemOf(answer)).name).toBe("too-many-requests");
  expect((await commit(bob)).status).toBe(201);
  laboratory.wait(3000);
  expect((await commit()).status).toBe(201);
});

test("an address pays for refusals, too, whoever signs", async () => {
  await open({ address: { requests: 4, windowSeconds: 3600 } });
  expect((await commit()).status).toBe(201);
  expect((await commit(bob)).status).toBe(201);
  for (const status of [422, 422, 429])
    expect((await laboratory.post("/v1/results", "nonsense")).status).toBe(status);
  expect((await refused(laboratory, () => commit())).name).toBe("too-many-requests");
  laboratory.deployment.address = "192.0.2.2";
  expect((await commit()).status).toBe(201);
});

test("what a key has no room for is paid by the address that sends it", async () => {
  const hour = { windowSeconds: 3600 };
  await open({ key: { requests: 1, ...hour }, address: { requests: 4, ...hour } });
  expect((await commit()).status).toBe(201);
  for (let i = 0; i < 3; i++) expect((await problemOf(await commit())).detail).toMatch(/^key /);
  expect(await used()).toEqual(expect.arrayContaining([4, 1]));
  for (let i = 0; i < 2; i++)
    expect((await problemOf(await commit(bob))).detail).toMatch(/^192\.0\.2\.1 /);
  expect(await used()).toEqual(expect.arrayContaining([4, 1]));
});

test("what was accepted has its receipt when its key has used its quota up", async () => {
  await open({ key: { requests: 1, windowSeconds: 3600 } });
  const commitment = aCommitment({ unique: hex(88_888) });
  const send = () => laboratory.submit("/v1/challenges", "commitment", commitment);
  const first = await send();
  expect([first.status, (await commit()).status]).toEqual([201, 429]);
  const again = await send();
  expect([again.status, await again.text()]).toEqual([200, await first.text()]);
});

test("many requests at once get no more than the quota", async () => {
  await open({ key: { requests: 3, windowSeconds: 3600 } });
  const answers = await Promise.all(Array.from({ length: 12 }, () => commit()));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(9);
});

test("nobody uses up the quota of a key that they do not hold", async () => {
  await open({});
  const envelope = { payload: "e30=", payloadType: "application/vnd.rademark.result+json" };
  const signatures = [{ keyid: alice.key, sig: `${"A".repeat(86)}==` }];
  const answer = await laboratory.send("/v1/results", { ...envelope, signatures });
  expect((await problemOf(answer)).name).toBe("bad-signature");
  const rows = await laboratory.db.select().from(quotas);
  const start = laboratory.deployment.now();
  expect(rows.filter(({ startsAt }) => startsAt >= start)).toMatchObject([
    { subject: "address:192.0.2.1 writes", used: 1 },
  ]);
});

test("a request at which the server fails costs nothing", async () => {
  await open({});
  const { deployment } = laboratory;
  const { keeper } = deployment;
  deployment.keeper = { ...keeper, seed: new Uint8Array(3) };
  expect((await commit()).status).toBe(500);
  expect(await used()).toEqual([]);
  deployment.keeper = keeper;
  expect((await commit()).status).toBe(201);
  expect(await used()).toEqual([1, 1]);
});

test("who sends another's envelope again pays alone", async () => {
  await open({ key: { requests: 3, windowSeconds: 3600 } });
  const commitment = aCommitment({ unique: hex(99_999) });
  const send = () => laboratory.submit("/v1/challenges", "commitment", commitment);
  expect((await send()).status).toBe(201);
  laboratory.deployment.address = "192.0.2.2";
  for (let i = 0; i < 5; i++) expect((await send()).status).toBe(200);
  for (const status of [201, 201, 429]) expect((await commit()).status).toBe(status);
});

test("who sends another's envelope to where it is refused pays alone", async () => {
  await open({ key: { requests: 3, windowSeconds: 3600 } });
  const at = new Date(laboratory.deployment.now().getTime() - 3_600_000).toISOString();
  const statement = { action: "register", key: alice.key, at } as const; // in the log for all to read
  const envelope = await sealEnvelope("key", statement, [alice.seed]);
  laboratory.deployment.address = "192.0.2.2";
  for (let i = 0; i < 5; i++) {
    const answer = await laboratory.send("/v1/keys", { envelope, name: "Eve" });
    expect((await problemOf(answer)).name).toBe("bad-name");
  }
  expect(await used()).toEqual([5]);
  expect((await commit()).status).toBe(201);
});

test("addresses are forgotten once their windows are over", async () => {
  await open({});
  await commit();
  await upkeep(laboratory.deployment, (error) => expect(error).toBeUndefined());
  expect(await used()).toEqual([1, 1]);
  laboratory.wait(3 * 3600);
  laboratory.deployment.address = "192.0.2.77";
  await commit();
  await upkeep(laboratory.deployment, (error) => expect(error).toBeUndefined());
  const subjects = (await laboratory.db.select().from(quotas)).map(({ subject }) => subject);
  expect(subjects.sort()).toEqual(["address:192.0.2.77 writes", `key:${alice.key} writes`]);
});
