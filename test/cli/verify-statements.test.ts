import { readFileSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import { rademark } from "../world/command-line.ts";
import { logReader } from "./log-reader.ts";
import { fillLog, operatedServer, type FilledLog, type Kind } from "./statement-log.ts";

const server = operatedServer();
const { env, verify, logsFile } = logReader(server);
let log: FilledLog;
beforeEach(async () => void (log ??= await fillLog(server)));

const LOG = { "log key": "passed", inclusion: "passed", consistency: "passed" };
const SIGNED = { signature: "passed", schema: "passed" };

test.each<[Kind, Record<string, string>, string]>([
  ["reproduction", { counts: "passed", challenge: "passed" }, "measures entry ENTRY again"],
  ["retraction", { right: "passed" }, "takes back ENTRY: trained on the wrong data"],
  ["moderation", { right: "skipped" }, "decides on ENTRY"],
  ["key", {}, "registers key"],
  ["challenge", { challenge: "passed" }, "to reproduce entry ENTRY"],
  ["outcome", { challenge: "passed" }, "was completed at"],
])("a %s is checked by the digest that the log shows", async (kind, states, says) => {
  const found = await verify(log.digests[kind]);
  expect([found.code, found.kind]).toEqual([EXIT.ok, kind]);
  expect(found.states).toEqual({ ...SIGNED, ...states, ...LOG });
  expect(found.says).toContain(says.replace("ENTRY", log.entry));
});

test("a reproduction's verdict is recomputed from the entry that it is about", async () => {
  const { checks } = await verify(log.digests.reproduction);
  const { text } = checks.find(({ name }) => name === "counts")!;
  expect(text).toMatch(/every aggregate is recomputed\.$/);
});

test("a challenge is checked by its own id and by its address", async () => {
  for (const target of [log.challenge, `${server.url}/v1/challenges/${log.challenge}`]) {
    const { code, kind, id } = await verify(target, { RADEMARK_API: server.url });
    expect([code, kind, id]).toEqual([EXIT.ok, "challenge", log.challenge]);
  }
});
test("a log whose key has changed is as loud an error for a retraction", async () => {
  await verify(log.digests.retraction);
  const logs = logsFile();
  const text = readFileSync(logs, "utf8");
  writeFileSync(logs, text.replace(/"verifierKey": "[^"]*"/, '"verifierKey": "test.log+0+0"'));
  const { code, states, stderr } = await verify(log.digests.retraction);
  expect([code, states["log key"]]).toEqual([EXIT.runFailed, "failed"]);
  expect(stderr).toContain("HAS CHANGED");
});

test("what is proved stays proved where it cannot be remembered, and that is told", async () => {
  const { code, checks } = await verify(log.digests.retraction, {
    RADEMARK_CONFIG: "/proc/none/x",
  });
  expect(code).toBe(EXIT.ok);
  const { text } = checks.find(({ name }) => name === "consistency")!;
  expect(text).toMatch(/met for the first time, but this cannot be remembered: \/proc\/none/);
});

test("a person reads what a statement says above its checks", async () => {
  const { stdout } = await rademark(["verify", log.digests.retraction], { env: env() });
  expect(stdout).toMatch(
    new RegExp(`^retraction ${log.digests.retraction}\nIt takes back ${log.entry}: trained on`),
  );
  expect(stdout).toMatch(/^ok +inclusion +Leaf \d+ of the \d+/m);
});
