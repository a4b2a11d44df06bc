import { copyFileSync, readdirSync, renameSync } from "node:fs";
import { expect, test } from "vitest";
import { EXIT } from "../../harness/errors.ts";
import { ok, scriptedServer } from "../listing/scripted-server.ts";
import { keyOwner } from "./key-owner.ts";

const { inFolder, keys, keyFile, known } = keyOwner();

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
