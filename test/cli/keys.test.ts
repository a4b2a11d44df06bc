import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import { keyOwner } from "./key-owner.ts";

const { inFolder, keys, keyFile, known } = keyOwner();

test("no command prints a secret, and the public half is what export prints", async () => {
  let all = "";
  for (const args of [
    ["create"],
    ["create", "--json", "--name", "second"],
    ["list"],
    ["list", "--json"],
    ["export", "default", "--json"],
    ["export", "default", "--secret", "copy.json"],
    ["register"],
    ["create"],
  ]) {
    const { stdout, stderr } = await keys(args);
    all += stdout + stderr;
  }
  const { seed, publicKey } = keyFile("default");
  expect(seed).toMatch(/^[0-9a-f]{64}$/);
  expect(all).toContain(publicKey);
  expect(all).not.toContain(seed);
  expect(all).not.toContain(keyFile("second").seed);
  expect((await keys(["export", "default"])).stdout).toBe(`${publicKey}\n`);
});

test("a passphrase in the environment encrypts a new key and is in no message", async () => {
  const env = { RADEMARK_PASSPHRASE: "correct horse" };
  const { code, stdout, stderr } = await keys(["create"], { env });
  expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining("correct horse")]);
  expect(keyFile("default")).not.toHaveProperty("seed");
  expect((await keys(["register"])).stderr).toContain("RADEMARK_PASSPHRASE");
  expect((await keys(["register"], { env })).code).toBe(0);
});

test("a passphrase from the terminal is asked for twice, and two that differ make no key", async () => {
  const typing = (...lines: string[]) => ({
    askSecret: () => Promise.resolve(lines.shift() ?? null),
  });
  expect((await keys(["create", "--passphrase"], typing("one", "two"))).code).toBe(EXIT.usage);
  expect(existsSync(inFolder("keys"))).toBe(false);
  expect((await keys(["create", "--passphrase"], typing("one", "one"))).code).toBe(0);
  expect((await keys(["register"], typing("one"))).code).toBe(0);
  expect((await keys(["register"], typing("two"))).stderr).toContain("passphrase is wrong");
});

test("a copy of the key file is for its owner alone, and overwrites nothing", async () => {
  await keys(["create"]);
  expect((await keys(["export", "--secret", "copy.json"])).code).toBe(0);
  const copy = inFolder("copy.json");
  expect(statSync(copy).mode & 0o777).toBe(0o600);
  expect(readFileSync(copy, "utf8")).toBe(readFileSync(inFolder("keys/default.json"), "utf8"));
  expect((await keys(["export", "--secret", "copy.json"])).stderr).toContain("not overwritten");
});

test("registering publishes the display name; it can be changed and erased", async () => {
  await keys(["create", "--display-name", "Ada Lovelace"]);
  const { publicKey } = keyFile("default");
  expect(await known(publicKey!)).toBeNull();
  expect((await keys(["register"])).code).toBe(0);
  expect(await known(publicKey!)).toMatchObject({ name: "Ada Lovelace", revokedFrom: null });
  expect((await keys(["name", "default", "--display-name", "Countess"])).stdout).toContain(
    "Countess",
  );
  expect((await known(publicKey!))!.name).toBe("Countess");
  expect((await keys(["name", "default", "--erase"])).code).toBe(0);
  expect((await known(publicKey!))!.name).toBeNull();
  expect(keyFile("default").displayName).toBeNull();
});

test("registering twice changes nothing", async () => {
  await keys(["create"]);
  const first = await keys(["register", "--json"]);
  expect((await keys(["register", "--json"])).stdout).toBe(first.stdout);
});

test("a name that no server takes is refused with the rule, before there is a key of it", async () => {
  const { code, stderr } = await keys(["create", "--display-name", "<b>Ada</b>"]);
  expect(code).toBe(EXIT.usage);
  expect(stderr).toContain("--display-name: a display name has none of < > &");
  expect(existsSync(inFolder("keys"))).toBe(false);
  await keys(["create"]);
  expect((await keys(["name", "default", "--display-name", "a  b"])).code).toBe(EXIT.usage);
  expect(keyFile("default").displayName).toBeNull();
});

test("a display name that was lost between registering and publishing is published the next time", async () => {
  await keys(["create"]);
  await keys(["register"]);
  const file = keyFile("default");
  expect((await known(file.publicKey!))!.name).toBeNull();
  const path = inFolder("keys/default.json");
  writeFileSync(path, JSON.stringify({ ...file, displayName: "Ada" }));
  await keys(["register"]);
  expect((await known(file.publicKey!))!.name).toBe("Ada");
});
