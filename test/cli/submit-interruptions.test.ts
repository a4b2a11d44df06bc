import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import { aPerson } from "../world/command-line.ts";
import { aServer, run, sharedServer } from "../world/server.ts";

const server = sharedServer();

test("without a network it is signed, kept and queued; --queued sends it once there is one", async () => {
  const gone = await aServer(join(server.root, "gone"));
  await gone.close();
  const person = await aPerson(gone.url);
  await person.run(run());
  const offline = await person.run(["submit", "a"]);
  expect(offline.code).toBe(4);
  expect(offline.stderr).toContain("rademark submit --queued");
  const kept = readFileSync(join(person.cwd, "a/submission.json"), "utf8");
  expect(readdirSync(person.queue)).toHaveLength(1);
  const back = await aServer(join(server.root, "gone"), Number(new URL(gone.url).port));
  try {
    const sent = await person.run(["submit", "--queued"]);
    expect(sent.code, sent.stderr).toBe(0);
    expect(sent.stdout).toMatch(/^mlp-512 none: listed: /);
    expect(readFileSync(join(person.cwd, "a/submission.json"), "utf8")).toBe(kept);
    expect(readdirSync(person.queue)).toEqual([]);
    const nothing = await person.run(["submit", "--queued"]);
    expect(nothing.stderr).toContain("Nothing waits");
  } finally {
    await back.close();
  }
}, 60_000);

test("what can be neither sent nor queued is told to be kept in its folder", async () => {
  const person = await aPerson("http://127.0.0.1:1");
  const args = ["run", "--protocol", "micro-1", "--threads", "1", "--arch", "mlp-64"];
  await person.run([...args, "--out", "kept"]);
  writeFileSync(person.queue, "in the way");
  const { code, stderr } = await person.run(["submit", "kept"]);
  expect(code).toBe(EXIT.network);
  expect(stderr).toMatch(/cannot be reached.*\nIt cannot be queued either: .*in the way/);
  expect(stderr).toContain(`later, submit ${join(person.cwd, "kept")} again`);
  expect(person.has("kept/submission.json")).toBe(true);
});

test("with the server gone after the training, it is said what waits and how to send it", async () => {
  const gone = await aServer(join(server.root, "gone-later"));
  const person = await aPerson(gone.url);
  await person.run(run("--challenge"));
  await gone.close();
  const { code, stderr } = await person.run(run("--challenge", "--submit"));
  expect(code).toBe(EXIT.network);
  expect(stderr).toContain("signed and kept. Send it later with: rademark submit --queued");
  expect(readdirSync(person.queue)).toHaveLength(1);
}, 120_000);

test("after Ctrl-C, the line that goes on is the command itself, server, key and all", async () => {
  const person = await aPerson("http://127.0.0.1:1");
  const words = run("--challenge", "--submit", "--key", "default", "--api", server.url);
  const onInterrupt = (listener: () => void) => {
    listener();
    return () => undefined;
  };
  const stopped = await person.run(words, { onInterrupt });
  expect(stopped.code, stopped.stderr).toBe(EXIT.interrupted);
  expect(stopped.stderr).toContain(`Go on with: rademark ${words.join(" ")}\n`);
  const done = await person.run(words);
  expect(done.stdout).toMatch(/listed: /);
});
