import { bytesToHex } from "@noble/hashes/utils.js";
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { publicKeyOf } from "../../record/signature/ed25519.ts";
import {
  type KeyEffects,
  configFolder,
  createKey,
  keyPath,
  listKeys,
  readKey,
  withoutPassphrase,
} from "../../harness/listing/key-store.ts";

let folder: string;
let effects: KeyEffects;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rademark-keys-"));
  effects = { env: { RADEMARK_CONFIG: folder }, askSecret: () => Promise.resolve(null) };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plain = { name: "default", displayName: null, passphrase: null };

test("a key comes back as it was made, and its halves belong together", async () => {
  const made = await createKey({ ...plain, displayName: "Ada" }, effects);
  expect(await readKey("default", effects)).toEqual(made);
  expect(bytesToHex(await publicKeyOf(made.seed))).toBe(made.publicKey);
  expect(listKeys(effects).map(({ name }) => name)).toEqual(["default"]);
});

test("only the owner can read keys and their folder, and no temporary file stays", async () => {
  await createKey(plain, effects);
  const path = keyPath("default", effects);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "keys")).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(folder, "keys"))).toEqual(["default.json"]);
});

test("a key that others can read is refused, with the command that mends it", async () => {
  await createKey(plain, effects);
  const path = keyPath("default", effects);
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(path, mode);
    await expect(readKey("default", effects)).rejects.toThrow(`chmod 600 ${path}`);
  }
  chmodSync(path, 0o600);
  await expect(readKey("default", effects)).resolves.toBeDefined();
});

test("a key is never overwritten", async () => {
  const { publicKey } = await createKey(plain, effects);
  await expect(createKey(plain, effects)).rejects.toThrow("already");
  expect((await readKey("default", effects)).publicKey).toBe(publicKey);
});

test("of two processes that make a key of one name, one keeps it and the other is told", async () => {
  const both = await Promise.allSettled([createKey(plain, effects), createKey(plain, effects)]);
  const made = both.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  expect(made).toHaveLength(1);
  expect(await readKey("default", effects)).toEqual(made[0]);
  expect(readdirSync(join(folder, "keys"))).toEqual(["default.json"]);
});

test("what signs nothing is started without the passphrase", () => {
  const env = { PATH: "/bin", RADEMARK_PASSPHRASE: "horse" };
  expect(withoutPassphrase(env)).toEqual({ PATH: "/bin" });
});

test("the command line keeps the passphrase from the processes that it starts", () => {
  const entry = new URL("../../harness/cli/rademark.ts", import.meta.url).href;
  const code = `await import(${JSON.stringify(entry)}); console.log(process.env.RADEMARK_PASSPHRASE)`;
  const env = { ...process.env, RADEMARK_PASSPHRASE: "horse" };
  const args = ["--input-type=module", "--eval", code];
  const { stdout } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  expect(stdout).toBe("undefined\n");
});

test("a passphrase hides the seed: it is asked for, and a wrong one opens nothing", async () => {
  const made = await createKey({ ...plain, passphrase: "pässword" }, effects);
  const text = readFileSync(keyPath("default", effects), "utf8");
  expect(text).not.toContain(bytesToHex(made.seed));
  const typed = (line: string | null) =>
    readKey("default", { ...effects, askSecret: () => Promise.resolve(line) });
  expect(bytesToHex((await typed("pässword")).seed)).toBe(bytesToHex(made.seed));
  // The same characters, decomposed, as another keyboard sends them.
  expect((await typed("pa\u0308ssword")).publicKey).toBe(made.publicKey);
  await expect(typed("password")).rejects.toThrow("passphrase is wrong");
  await expect(typed(null)).rejects.toThrow("RADEMARK_PASSPHRASE");
  const env = { ...effects.env, RADEMARK_PASSPHRASE: "pässword" };
  expect((await readKey("default", { ...effects, env })).publicKey).toBe(made.publicKey);
});

test("a key file that was changed is damaged, whichever half was", async () => {
  const [first, second] = [
    await createKey(plain, effects),
    await createKey({ ...plain, name: "other" }, effects),
  ];
  const path = keyPath("default", effects);
  const text = readFileSync(path, "utf8");
  for (const [was, becomes] of [
    [first.publicKey, second.publicKey],
    [bytesToHex(first.seed), bytesToHex(second.seed)],
    ['"seed"', '"sead"'],
  ] as const) {
    writeFileSync(path, text.replace(was, becomes));
    await expect(readKey("default", effects)).rejects.toThrow("damaged");
  }
});

test("an encrypted seed cannot be passed off as another key's", async () => {
  await createKey({ ...plain, passphrase: "x" }, effects);
  const other = await createKey({ ...plain, name: "other" }, effects);
  const path = keyPath("default", effects);
  const file = JSON.parse(readFileSync(path, "utf8")) as object;
  writeFileSync(path, JSON.stringify({ ...file, publicKey: other.publicKey }));
  const asked = { ...effects, askSecret: () => Promise.resolve("x") };
  await expect(readKey("default", asked)).rejects.toThrow("passphrase is wrong, or its file");
});

test("names that would leave the folder name no key", () => {
  for (const name of ["../x", "a/b", "", ".hidden", "-x", "a".repeat(65), "a\nb"])
    expect(() => keyPath(name, effects), name).toThrow("cannot name a key");
});

test("keys lie in RADEMARK_CONFIG, else in the XDG folder, else in the home folder", () => {
  const env = { HOME: "/home/ada", XDG_CONFIG_HOME: "/xdg", RADEMARK_CONFIG: "/own" };
  expect(configFolder(env)).toBe("/own");
  expect(configFolder({ ...env, RADEMARK_CONFIG: "" })).toBe("/xdg/rademark");
  expect(configFolder({ HOME: "/home/ada" })).toBe("/home/ada/.config/rademark");
});
