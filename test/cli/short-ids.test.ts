import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { Envelope, openEnvelope } from "../../record/statement/envelope.ts";
import { namedProtocol, protocolId, protocols } from "../../record/protocols.ts";
import { type Person, aPerson, rademark } from "../world/command-line.ts";
import { micro } from "../world/runs.ts";
import { run, sharedServer } from "../world/server.ts";

const server = sharedServer();
let ada: Person;
let entry = "";
beforeEach(async () => {
  if (entry !== "") return;
  ada = await aPerson(server.url);
  const { stdout, stderr } = await ada.run(run("--challenge", "--submit"));
  entry = /([0-9a-f]{64})/.exec(stdout + stderr)![1]!;
});

test("the first digits of an id do wherever a command takes one; the full id is fetched, signed and printed", async () => {
  const short = entry.slice(0, 8);
  const told = `${short} is result ${entry}`;
  const shown = await ada.run(["status", short]);
  expect([shown.code, shown.stderr]).toEqual([0, `${told}\n`]);
  const verified = await ada.run(["verify", short.toUpperCase(), "--json"]);
  expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, id: entry });
  const byAddress = await ada.run(["verify", `${server.url}/entries/${short}`, "--json"]);
  expect(JSON.parse(byAddress.stdout)).toMatchObject({ ok: true, id: entry });
  expect((await ada.run(["export", short, "--out", "e.json"])).code).toBe(0);
  expect(existsSync(join(ada.cwd, "e.json"))).toBe(true);
  const repro = await ada.run(["repro", short, "--dry-run"]);
  expect(repro.stdout).toContain(`Entry ${entry} holds`);

  const other = run("--reg", "aug").map((word) => (word === "a" ? "b" : word));
  expect((await ada.run(other)).code).toBe(0);
  const signed = await ada.run(["sign", "b", "--supersedes", short, "--out", "s.json"]);
  expect(signed.code, signed.stderr).toBe(0);
  const opened = await openEnvelope(Envelope.parse(ada.json("s.json")));
  expect(opened).toMatchObject({ ok: true, statement: { supersedes: entry } });

  const retracted = await ada.run(["retract", short, "--reason", "a wrong seed"]);
  expect(retracted.stdout).toBe(`Retracted: ${entry}\n`);
});

test("seven digits are too few, and digits of nothing are told with the server that was asked", async () => {
  const few = await ada.run(["status", entry.slice(0, 7)]);
  expect([few.code, few.stderr]).toEqual([2, expect.stringContaining("or the first 8 or more")]);
  const none = await ada.run(["retract", "00000000", "--reason", "x"]);
  expect(none.code).toBe(2);
  expect(none.stderr).toContain(`${server.url} has nothing whose id begins with 00000000`);
});

test("a protocol goes by the digits that ls protocols prints", async () => {
  const { stdout } = await rademark(["ls", "protocols"]);
  const digits = /micro-1 .* ([0-9a-f]{12})$/m.exec(stdout)![1]!;
  for (const short of [digits, digits.slice(0, 8), digits.toUpperCase(), protocolId(micro)])
    expect(namedProtocol(short)).toBe(micro);
  for (const none of [digits.slice(0, 7), "00000000"])
    expect(() => namedProtocol(none)).toThrow("no such protocol");
  const board = await rademark(["export", "--protocol", digits, "--csv", "b.csv"], {
    cwd: server.root,
    env: { RADEMARK_API: server.url },
  });
  expect(board.code, board.stderr).toBe(0);
  expect(readFileSync(join(server.root, "b.csv"), "utf8")).toContain("mlp-512");
  const twice = [micro, { ...micro }, ...Object.values(protocols)];
  expect(() => namedProtocol(digits, twice)).toThrow(`several ids (${protocolId(micro)}`);
});
