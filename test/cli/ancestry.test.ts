import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

const module = new URL("../../harness/ancestry.ts", import.meta.url).href;

/** Says `watching`, then `abandoned` once its parent is gone, or `done` after a while. */
const watcher = `
  import { onAbandoned } from "${module}";
  onAbandoned(() => { console.log("abandoned"); process.exit(); }, {});
  console.log("watching");
  setTimeout(() => console.log("done"), 5000);
`;
/** Starts the watcher and stays until it is killed. */
const parent = `
  import { spawn } from "node:child_process";
  spawn(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(watcher)}], { stdio: "inherit" });
`;

test("a process notices that the one that started it was killed", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", parent]);
  let said = "";
  child.stdout.on("data", (bytes: Buffer) => {
    if (said === "") child.kill("SIGKILL");
    said += bytes.toString();
  });
  await once(child.stdout, "close");
  expect(said).toBe("watching\nabandoned\n");
});
