import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { aPerson } from "../submit/person.ts";

const start = ["start", "--once", "--port", "0"];

test("start lists the demo grid on a server of its own, and a second start submits nothing twice", async () => {
  const person = await aPerson("http://unused.example");
  const first = await person.run(start);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/^Board: http:\/\/127\.0\.0\.1:\d+\/$/m);
  expect(first.stdout.match(/: listed: http\S+\/entries\/[0-9a-f]{64}$/gm)).toHaveLength(8);
  const table = rowsOf(first.stdout);
  expect(table).toHaveLength(8);
  expect(table.every((row) => row.includes("5 + 3  challenged"))).toBe(true);
  expect(existsSync(join(person.cwd, ".rademark/demo/report.html"))).toBe(true);
  const second = await person.run(start);
  expect(second.code, second.stderr).toBe(0);
  expect(second.stdout).not.toContain("listed");
  expect(rowsOf(second.stdout)).toEqual(table);
});

test("a port that is taken is said, unless nobody asked for it", async () => {
  const person = await aPerson("http://unused.example");
  const { createServer } = await import("node:http");
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  const { port } = other.address() as { port: number };
  const { code, stderr } = await person.run(["start", "--once", "--port", String(port)]);
  other.close();
  expect(code).toBe(2);
  expect(stderr).toContain(`port ${port} of 127.0.0.1 is taken`);
});

/** Lines of the board's table. */
function rowsOf(stdout: string): string[] {
  return stdout.split("\n").filter((line) => /^ +[\d-]+  (mlp-256|cnn-8) /.test(line));
}
