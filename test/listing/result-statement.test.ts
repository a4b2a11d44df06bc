import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resultFromFolder } from "../../harness/listing/submission.ts";
import { finishFolder } from "../../harness/study/run-folder.ts";
import type { ChallengeDocument } from "../../record/answers/documents.ts";
import { Result, statementBytes } from "../../record/statement/statements.ts";
import { freshSeeds } from "../../record/statement/challenge.ts";
import { aChallenge, alice } from "../world/statements.ts";
import { micro } from "../world/runs.ts";
import { aPreparedFolder, aFolder, aTrainedFolder, trainSeed } from "../world/run-folders.ts";

const unchallenged = { key: alice.key, challenge: null, supersedes: null };

/** As far as a folder looks at it. */
function aChallengeDocument(): ChallengeDocument {
  const { id, nonce, commitment } = aChallenge();
  const seeds = freshSeeds({ id, nonce }, micro.freshSeeds);
  const times = { issuedAt: "2026-11-24T00:00:00.000Z", expiresAt: "2026-12-01T00:00:00.000Z" };
  return { challenge: { id, nonce, seeds, ...times }, commitment } as ChallengeDocument;
}

test("a trained folder becomes a result that its schema accepts, the same bytes every time", async () => {
  const folder = await aTrainedFolder(join(aFolder(), "a"));
  const result = Result.parse(await resultFromFolder(folder, unchallenged));
  expect(result.panel.map(({ seed }) => seed)).toEqual(micro.panelSeeds);
  expect(result.fresh).toEqual([]);
  expect(result.engine).toEqual({
    library: "tensorflow 2.18.0",
    device: "cpu",
    deterministic: true,
    precision: "float32",
  });
  expect(result.machine).toMatchObject({ cpu: "Some Processor @ 2.4 GHz", cores: 2, threads: 1 });
  expect(result.harness).toMatchObject({ version: "0.2.0" });
  const again = await resultFromFolder(folder, unchallenged);
  expect(statementBytes("result", again)).toEqual(statementBytes("result", result));
});

test("fresh runs stand in the challenge's order, whatever the order of config.json", async () => {
  const challenge = aChallengeDocument();
  const { seeds } = challenge.challenge;
  const mixed = [...seeds, ...micro.panelSeeds].reverse();
  const folder = await aTrainedFolder(join(aFolder(), "a"), { seeds: mixed });
  const result = await resultFromFolder(folder, { ...unchallenged, challenge });
  expect(result.challenge).toBe(challenge.challenge.id);
  expect(result.panel.map(({ seed }) => seed)).toEqual(micro.panelSeeds);
  expect(result.fresh.map(({ seed }) => seed)).toEqual(seeds);
});

test("seeds beyond panel and challenge stay at home", async () => {
  const seeds = [77, ...micro.panelSeeds, 88];
  const folder = await aTrainedFolder(join(aFolder(), "a"), { seeds });
  const result = await resultFromFolder(folder, unchallenged);
  expect(result.panel.map(({ seed }) => seed)).toEqual(micro.panelSeeds);
  expect(JSON.stringify(result)).not.toContain('"seed":77');
});

test("a challenge whose seeds were not trained is refused", async () => {
  const folder = await aTrainedFolder(join(aFolder(), "a"));
  const challenge = aChallengeDocument();
  const refused = resultFromFolder(folder, { ...unchallenged, challenge });
  await expect(refused).rejects.toThrow(`lacks seeds ${challenge.challenge.seeds.join(", ")}`);
});

test("an unfinished folder is refused with the line that finishes it", async () => {
  const folder = aPreparedFolder(join(aFolder(), "a"));
  trainSeed(folder, micro.panelSeeds[0]!);
  const refused = resultFromFolder(folder, unchallenged);
  await expect(refused).rejects.toThrow(/4 seeds to train.*rademark resume/);
});

test("a missing panel seed is named", async () => {
  const seeds = micro.panelSeeds.slice(1);
  const folder = await aTrainedFolder(join(aFolder(), "a"), { seeds });
  const refused = resultFromFolder(folder, unchallenged);
  await expect(refused).rejects.toThrow(`panel seeds ${micro.panelSeeds[0]} are missing`);
});

test.each(["protocol.json", "config.json", "env.json", `seeds/${micro.panelSeeds[2]}/final.json`])(
  "a changed %s is named, and nothing is built of it",
  async (file) => {
    const folder = await aTrainedFolder(join(aFolder(), "a"));
    appendFileSync(join(folder.path, file), " ");
    const refused = resultFromFolder(folder, unchallenged);
    await expect(refused).rejects.toThrow(new RegExp(`changed after training[^]*${file}`));
  },
);

test("a log that went on, a report and a receipt change nothing", async () => {
  const folder = await aTrainedFolder(join(aFolder(), "a"));
  for (const file of ["log.txt", "report.html", "receipt.json"])
    writeFileSync(join(folder.path, file), "{}");
  await expect(resultFromFolder(folder, unchallenged)).resolves.toBeDefined();
});

test("counts that a server would refuse are refused here, with the pointer", async () => {
  const folder = await aTrainedFolder(join(aFolder(), "a"), {
    change: (run) => ({
      ...run,
      heads: run.heads!.map((head, i) => (i === 3 ? { ...head, unseen: 2400 } : head)),
    }),
  });
  const refused = resultFromFolder(folder, unchallenged);
  await expect(refused).rejects.toThrow(/nothing was sent:\n {2}\/panel\/0\/heads\/3\/unseen: /);
});

test("runs copied from seed to seed are refused here", async () => {
  const copied: { epochs: never[] }[] = [];
  const folder = await aTrainedFolder(join(aFolder(), "a"), {
    change: (run) => ({ ...run, epochs: (copied[0] ??= { epochs: run.epochs as never[] }).epochs }),
  });
  await expect(resultFromFolder(folder, unchallenged)).rejects.toThrow("those of /panel/0");
});

test("a processor's name outside ASCII does not keep a result back", async () => {
  const folder = aPreparedFolder(join(aFolder(), "a"));
  const file = join(folder.path, "env.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("Some Processor", "Процессор™"));
  for (const seed of micro.panelSeeds) trainSeed(folder, seed);
  await finishFolder(folder);
  const result = Result.parse(await resultFromFolder(folder, unchallenged));
  expect(result.machine.cpu).toBe("?????????? @ 2.4 GHz");
});
