import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rademark } from "../cli/effects.ts";
import { alice, bob } from "../record/statement/factories.ts";

test("rademark serve says where it listens, shows a page there and ends by Ctrl-C", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "rademark-serve-"));
  let interrupt = () => {};
  let heard: (url: string) => void;
  const listening = new Promise<string>((resolve) => (heard = resolve));
  const args = [
    "serve",
    "--port",
    "0",
    "--data",
    "here",
    "--operator",
    alice.key,
    "--operator",
    bob.key,
  ];
  const ended = rademark(args, {
    cwd,
    env: { PATH: process.env.PATH },
    out: (text) => heard(/listening on (\S+)/.exec(text)![1]!),
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => undefined;
    },
  });
  const url = await listening;
  expect((await fetch(`${url}/v1/health`)).status).toBe(200);
  const start = await (await fetch(url)).text();
  expect(start).toContain("<html");
  interrupt();
  expect((await ended).code).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
  rmSync(cwd, { recursive: true });
});

test.each([
  [["serve", "--operator", "me"], /not a public key/],
  [["serve", "--port", "70000"], /from 0 to 65535/],
  [["db", "dump"], /FILE is missing/],
  [["db", "migrate", "x"], /one word too many/],
])("rademark %j is refused with a sentence", async (args, reason) => {
  const { code, stderr } = await rademark(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(reason);
});
