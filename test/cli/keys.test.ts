import {
  existsSync,
  readFileSync,
  statSync,
  writeFileSync,
  copyFileSync,
  readdirSync,
  renameSync,
  mkdtempSync,
  rmSync,
} from "node:fs";
import { PassThrough } from "node:stream";
import { join } from "node:path";
import { expect, test, afterEach, beforeEach } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import { ok, scriptedServer } from "../world/scripted-server.ts";
import { askSecret } from "../../harness/secret-question.ts";
import type { Effects } from "../../harness/effects.ts";
import { createClient } from "../../harness/listing/client.ts";
import { findKey } from "../../harness/listing/registration.ts";
import { rademark } from "../world/command-line.ts";
import { sharedServer } from "../world/server.ts";

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

test("rotating keeps the name and retires the old key", async () => {
  await keys(["create", "--display-name", "Ada"]);
  const old = keyFile("default").publicKey!;
  await keys(["register"]);
  const { code, stderr } = await keys(["rotate", "default"]);
  expect(code, stderr).toBe(0);
  const next = keyFile("default").publicKey!;
  expect(next).not.toBe(old);
  expect((await known(old))!.next).toBe(next);
  expect(await known(next)).toMatchObject({ name: "Ada", next: null });
  expect(keyFile(`default.retired-${old.slice(0, 8)}`).publicKey).toBe(old);
  expect(readdirSync(inFolder("keys"))).toHaveLength(2);
});

/** Old and next public key of a rotation that went through, and where keys' files stand. */
async function rotated() {
  await keys(["create"]);
  const old = keyFile("default").publicKey!;
  await keys(["register"]);
  await keys(["rotate", "default"]);
  const next = keyFile("default").publicKey!;
  return { old, next, path: (name: string) => inFolder(`keys/${name}.json`) };
}

test("a rotation that was stopped after the server knew goes on with the same successor", async () => {
  const { old, next, path } = await rotated();
  // As a kill before the files were exchanged leaves it.
  renameSync(path("default"), path("default.next"));
  renameSync(path(`default.retired-${old.slice(0, 8)}`), path("default"));
  const { code, stderr } = await keys(["rotate", "default"]);
  expect(code, stderr).toBe(0);
  expect(keyFile("default")).toMatchObject({ publicKey: next, name: "default" });
});

test("a rotation that was killed with the old key retired and the successor waiting is finished", async () => {
  const { old, next, path } = await rotated();
  renameSync(path("default"), path("default.next"));
  expect((await keys(["register"])).stderr).toContain("rademark keys rotate default");
  const { code, stdout, stderr } = await keys(["rotate", "default"]);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain(`kept as default.retired-${old.slice(0, 8)}`);
  expect(keyFile("default")).toMatchObject({ publicKey: next, name: "default" });
  expect(readdirSync(inFolder("keys"))).toHaveLength(2);
  expect((await known(next))!.next).toBeNull();
});

test("a rotation that was killed once the old key was copied is finished", async () => {
  const { old, next, path } = await rotated();
  renameSync(path("default"), path("default.next"));
  copyFileSync(path(`default.retired-${old.slice(0, 8)}`), path("default"));
  const { code, stderr } = await keys(["rotate", "default"]);
  expect(code, stderr).toBe(0);
  expect(keyFile("default").publicKey).toBe(next);
  expect(readdirSync(inFolder("keys"))).toHaveLength(2);
});

test("a name without room for a retired key's is not rotated, and the server hears nothing", async () => {
  const name = "k".repeat(50);
  await keys(["create", name]);
  await keys(["register", name]);
  const { publicKey } = keyFile(name);
  const { code, stderr } = await keys(["rotate", name]);
  expect([code, stderr]).toEqual([EXIT.usage, expect.stringContaining("at most 47 characters")]);
  expect((await known(publicKey!))!.next).toBeNull();
});

test("an unregistered key cannot be rotated, and is told what to do; nothing is exchanged", async () => {
  await keys(["create"]);
  const { publicKey } = keyFile("default");
  const { code, stderr } = await keys(["rotate", "default"]);
  expect(code).toBe(EXIT.verification);
  expect(stderr).toContain("rademark keys register");
  expect(keyFile("default").publicKey).toBe(publicKey);
});

test("revoking says since when, with a public reason", async () => {
  await keys(["create"]);
  const { publicKey } = keyFile("default");
  await keys(["register"]);
  expect((await keys(["revoke", "default"])).stderr).toContain("--reason TEXT is missing");
  const args = ["revoke", "default", "--from", "2037-11-01", "--reason", "stolen laptop"];
  const { code, stdout, stderr } = await keys(args);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("2037-11-01T00:00:00.000Z");
  expect((await known(publicKey!))!.revokedFrom).toBe("2037-11-01T00:00:00.000Z");
});

test("a server that answers without the revocation is not believed", async () => {
  await keys(["create"]);
  const { publicKey } = keyFile("default");
  await keys(["register"]);
  const key = await known(publicKey!);
  const stranger = await scriptedServer([ok({ key, receipt: null })]);
  const args = ["revoke", "default", "--reason", "stolen laptop", "--api", stranger.api];
  const { code, stdout, stderr } = await keys(args);
  stranger.close();
  expect([code, stdout]).toEqual([EXIT.verification, ""]);
  expect(stderr).toContain("did not confirm that key default is revoked");
});

test("dates and reasons that a statement cannot carry are refused before anything is sent", async () => {
  await keys(["create"]);
  for (const date of ["yesterday", "2026-02-30", "2026-13-01", "2026-11-01 10:00"]) {
    const { code, stderr } = await keys(["revoke", "default", "--from", date, "--reason", "x"]);
    expect([code, stderr], date).toEqual([2, expect.stringContaining("is not a date")]);
  }
  const { stderr } = await keys(["revoke", "default", "--reason", "a\u202eb"]);
  expect(stderr).toContain("none of them invisible");
});

/** A terminal on which somebody types. */
function aTerminal({ isTTY = true } = {}) {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode: (raw: boolean) => void modes.push(raw),
  });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const process = { stdin, stderr } as unknown as Pick<NodeJS.Process, "stdin" | "stderr">;
  const ask = (typed: string) => {
    const answer = askSecret("Passphrase: ", process);
    stdin.write(typed);
    return answer;
  };
  const shown = () => (stderr.read() as Buffer | null)?.toString();
  return { ask, shown, modes };
}

test("a secret is read without echo, backspace and all, and a second one after it", async () => {
  const { ask, shown, modes } = aTerminal();
  expect(await ask("sex\u007fcret\r")).toBe("secret");
  expect(await ask("again\n")).toBe("again");
  expect(shown()).toBe("Passphrase: \nPassphrase: \n");
  expect(modes).toEqual([true, false, true, false]);
});

test("Ctrl-C gives the terminal back and ends as an interruption does", async () => {
  const { ask, modes } = aTerminal();
  await expect(ask("sec\u0003")).rejects.toMatchObject({ exitCode: 130 });
  expect(modes).toEqual([true, false]);
});

test("without a terminal nobody is asked", async () => {
  const { ask, shown } = aTerminal({ isTTY: false });
  expect(await ask("secret\r")).toBeNull();
  expect(shown()).toBeUndefined();
});

function keyOwner() {
  const server = sharedServer();
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(server.root, "person-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const inFolder = (path: string) => join(folder, path);
  return {
    inFolder,
    keys: (args: string[], changes: Partial<Effects> = {}) => {
      const env = { RADEMARK_CONFIG: folder, RADEMARK_API: server.url, ...changes.env };
      return rademark(["keys", ...args], { cwd: folder, ...changes, env });
    },
    keyFile: (name: string) =>
      JSON.parse(readFileSync(inFolder(`keys/${name}.json`), "utf8")) as Record<string, string>,
    /** As the server shows it, null: not at all. */
    known: (publicKey: string) => findKey(createClient({ api: server.url }), publicKey),
  };
}
