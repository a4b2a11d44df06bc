import fs from "node:fs";
import { expect, test } from "vitest";
import { explainFileErrors } from "../../setup/entry.mjs";
import { prepare } from "../../setup/prepare.mjs";
import { collectedEffects } from "./effects.ts";
import { temporaryFolder } from "./folder.ts";

const failing = (fields: object) =>
  explainFileErrors("/cache", () => Promise.reject(Object.assign(new Error("failed"), fields)));

test("a full disk and a folder that is not ours are said in words, with what to do", async () => {
  await expect(failing({ code: "ENOSPC" })).rejects.toThrow(
    "/cache cannot be used: the disk is full. Make room there",
  );
  await expect(failing({ code: "EACCES", path: "/opt/clone/.rademark" })).rejects.toThrow(
    /^\/opt\/clone\/.rademark cannot be used: there is no permission.* Make the folder yours \(sudo chown -R "\$\(id -un\)" '\/cache'\)/,
  );
  // A link that cannot be made: its target is no path, what was to be written is `dest`.
  await expect(
    failing({ code: "EACCES", path: "host:1:2", dest: "/cache/set-up.lock" }),
  ).rejects.toThrow("/cache/set-up.lock cannot be used: there is no permission");
  await expect(failing({ code: "ERR_INVALID_ARG_TYPE" })).rejects.toThrow("failed");
});

test("a cache that cannot be a folder is named, whatever is ready of the packages", async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(`${folder}/file`, "");
  const env = { ...process.env, RADEMARK_CACHE: `${folder}/file/cache` };
  const preparing = prepare(collectedEffects(env).effects, "cpu");
  await expect(preparing).rejects.toThrow(`${folder}/file`);
  await expect(preparing).rejects.toMatchObject({ name: "SetupError", exitCode: 2 });
});
