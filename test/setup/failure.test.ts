import fs from "node:fs";
import { expect, test } from "vitest";
import { explainFileErrors } from "../../setup/failure.mjs";
import { prepare } from "../../setup/prepare.mjs";
import { collectedEffects } from "./effects.ts";
import { temporaryFolder } from "./folder.ts";

const failing = (fields: object) =>
  explainFileErrors("/cache", () => Promise.reject(Object.assign(new Error("failed"), fields)));

test("a full disk and a folder that is not ours are said in words, with what to do", async () => {
  await expect(failing({ code: "ENOSPC" })).rejects.toThrow("The disk of /cache is full");
  await expect(failing({ code: "EACCES", path: "/opt/clone/.rademark" })).rejects.toThrow(
    `No permission to write /opt/clone/.rademark. Make the folder yours (sudo chown -R "$(id -un)" '/cache')`,
  );
  // A link that cannot be made: its target is no path, what was to be written is `dest`.
  await expect(
    failing({ code: "EACCES", path: "host:1:2", dest: "/cache/set-up.lock" }),
  ).rejects.toThrow("No permission to write /cache/set-up.lock");
  await expect(failing({ code: "EBADF" })).rejects.toThrow("failed");
});

test("a cache that cannot be a folder is named, whatever is ready of the packages", async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(`${folder}/file`, "");
  const env = { ...process.env, RADEMARK_CACHE: `${folder}/file/cache` };
  const preparing = prepare(collectedEffects(env).effects, "cpu");
  await expect(preparing).rejects.toThrow(`${folder}/file`);
  await expect(preparing).rejects.toMatchObject({ name: "SetupError", exitCode: 2 });
});
