import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exposure, isLoopback, startServer } from "../../harness/cli/commands/serve.ts";
import { rademark } from "../world/command-line.ts";
import { alice, bob } from "../world/statements.ts";

/** Serves an empty database while `visit` looks at it. @returns how the command ended. */
async function served(
  args: string[],
  visit: (url: string) => Promise<void>,
  env: Record<string, string> = {},
) {
  const cwd = mkdtempSync(join(tmpdir(), "rademark-serve-"));
  let stdout = "";
  let interrupt = () => {};
  let heard: (url: string) => void;
  const listening = new Promise<string>((resolve) => (heard = resolve));
  const ended = rademark(["serve", "--port", "0", "--data", "here", ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    out: (text) => {
      stdout += text;
      heard(/listening on (\S+)/.exec(text)![1]!);
    },
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => undefined;
    },
  });
  const url = await Promise.race([
    listening,
    ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
  ]);
  await visit(url);
  interrupt();
  const end = await ended;
  await expect(fetch(url)).rejects.toThrow();
  rmSync(cwd, { recursive: true });
  return { ...end, stdout };
}

test("rademark serve says where it listens, shows a page there and ends by Ctrl-C", async () => {
  const operators = ["--operator", alice.key, "--operator", bob.key];
  const { code, stdout, stderr } = await served(operators, async (url) => {
    expect(new URL(url).hostname).toBe("127.0.0.1");
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
    const start = await (await fetch(url)).text();
    expect(start).toContain("<html");
  });
  expect([code, stderr]).toEqual([0, ""]);
  const isBuilt = existsSync(new URL("../../dist/site/index.html", import.meta.url));
  expect(stdout.includes("npm run site:build")).toBe(!isBuilt);
});

test("rademark serve --host listens there, and warns where others can reach it", async () => {
  const { code, stderr } = await served(["--host", "0.0.0.0"], async (url) => {
    expect(new URL(url).hostname).toBe("0.0.0.0");
    expect((await fetch(`http://127.0.0.1:${new URL(url).port}/v1/health`)).status).toBe(200);
  });
  expect(code).toBe(0);
  expect(stderr).toMatch(/other machines can reach this server, unencrypted.*TLS.*Quotas/);
  expect(stderr).toContain("unless RADEMARK_PROXY=yes is set");
});

test("another loopback address is no reason to warn", async () => {
  const { stderr } = await served(["--host", "127.0.0.2"], async (url) => {
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
  });
  expect(stderr).toBe("");
});

test.each([
  ["127.0.0.1", true],
  ["127.8.8.8", true],
  ["localhost", true],
  ["::1", true],
  ["0:0:0:0:0:0:0:1", true],
  ["::ffff:127.0.0.1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.1.5", false],
  ["127.example.org", false],
  ["", false],
])("%j is reached from this machine alone: %j", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test("with a proxy in front the warning is another one, and lifted quotas are told", () => {
  expect(exposure({ RADEMARK_PROXY: "yes" })).toMatch(/let only your proxy reach this port/);
  expect(exposure({})).not.toContain("RADEMARK_LIMITS");
  expect(exposure({ RADEMARK_LIMITS: "off" })).toContain("there are no quotas");
});

test.each([
  [["serve", "--operator", "me"], /not a public key/],
  [["serve", "--port", "70000"], /from 0 to 65535/],
  [["serve", "--host", "203.0.113.9", "--port", "0"], /203\.0\.113\.9 is no address of this/],
  [["db", "dump"], /FILE is missing/],
  [["db", "migrate", "x"], /one word too many/],
])("rademark %j is refused with a sentence", async (args, reason) => {
  const { code, stderr } = await rademark(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(reason);
});

test("a server whose port is taken is started at the other one, and without another says so", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), "rademark-serve-"));
  const effects = { env: { PATH: process.env.PATH }, err: () => undefined };
  const server = await startServer({ folder, port, otherPort: 0 }, effects);
  expect(new URL(server.url).port).not.toBe(String(port));
  await server.stop();
  await expect(startServer({ folder, port }, effects)).rejects.toThrow(`port ${port}`);
  holder.close();
  rmSync(folder, { recursive: true });
});
