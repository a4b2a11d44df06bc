import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { type Person, aPerson } from "../world/command-line.ts";
import { layOutDatabase } from "../world/databases.ts";

const start = ["start", "--once", "--port", "0"];

/** One person's starts, each of which goes on where the one before it stopped: a start takes ten seconds of a core. */
test("start lists the demo grid on a server of its own, once, and again what is over or belongs to a lost server", async () => {
  const person = await aPerson("http://unused.example");
  const server = join(person.cwd, ".rademark/server");
  await layOutDatabase(server); // the first start of all is that of end-to-end/pglite
  const first = await person.run(start);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/^Board: http:\/\/127\.0\.0\.1:\d+\/boards\/micro-1\/$/m);
  expect(first.stdout.match(/: listed: http\S+\/entries\/[0-9a-f]{64}$/gm)).toHaveLength(8);
  const table = rowsOf(first.stdout);
  expect(table).toHaveLength(8);
  expect(table.every((row) => row.includes("5 + 3  challenged"))).toBe(true);
  expect(existsSync(join(person.cwd, ".rademark/demo/report.html"))).toBe(true);
  const second = await person.run(start);
  expect(second.code, second.stderr).toBe(0);
  expect(second.stdout).not.toContain("listed");
  expect(rowsOf(second.stdout)).toEqual(table);

  for (const file of ["receipt.json", "submission.json"])
    rmSync(join(person.cwd, ".rademark/demo/mlp-256+none", file));
  const { code, stdout, stderr } = await serveUntilInterrupted(person, start.slice(2));
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/The challenge of .*mlp-256\+none is over \(completed\)/);
  expect(stdout.match(/: listed: /g)).toHaveLength(1);
  const aside = join(person.cwd, ".rademark/demo-over");
  expect(readdirSync(aside)).toEqual([expect.stringMatching(/^mlp-256\+none-[0-9a-f]{12}$/)]);

  rmSync(server, { recursive: true });
  await layOutDatabase(server);
  const lost = await person.run(start);
  expect(lost.code, lost.stderr).toBe(0);
  expect(lost.stderr).toContain("was not issued by the server at");
  expect(lost.stdout.match(/: listed: /g)).toHaveLength(8);
  expect(rowsOf(lost.stdout)).toHaveLength(8);
  expect(readdirSync(aside)).toHaveLength(9);
}, 240_000);

test("a port that is taken is said, unless nobody asked for it", async () => {
  const person = await aPerson("http://unused.example");
  await layOutDatabase(join(person.cwd, ".rademark/server"));
  const { createServer } = await import("node:http");
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  const { port } = other.address() as { port: number };
  const { code, stderr } = await person.run(["start", "--once", "--port", String(port)]);
  other.close();
  expect(code).toBe(2);
  expect(stderr).toContain(`port ${port} of 127.0.0.1 is taken`);
});

/** Without --once the board is served when all is done, here until a Ctrl-C. */
async function serveUntilInterrupted(person: Person, args: string[]) {
  let [listeners, stderr]: [(() => void)[], string] = [[], ""];
  const onInterrupt = (listener: () => void) => {
    listeners.push(listener);
    return () => void (listeners = listeners.filter((each) => each !== listener));
  };
  const err = (text: string) => {
    stderr += text;
    if (text.includes("until Ctrl-C")) setImmediate(() => listeners.forEach((listen) => listen()));
  };
  const ended = await person.run(["start", "--no-open", ...args], { onInterrupt, err });
  return { ...ended, stderr };
}

/** Lines of the board's table. */
function rowsOf(stdout: string): string[] {
  return stdout.split("\n").filter((line) => /^ +[\d-]+  (mlp-256|cnn-8) /.test(line));
}

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
