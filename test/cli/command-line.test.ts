import { expect, test } from "vitest";
import { typedLine } from "../../harness/command-line.ts";

const typed = ["repro", "http://a.test/entries/1", "--key", "my key", "--reason", "it's"];

test("a command is repeated as a shell reads it, server, key and all", () => {
  const line = typedLine(typed, { env: {} });
  expect(line).toBe(`rademark repro http://a.test/entries/1 --key 'my key' --reason 'it'\\''s'`);
});

test("under npm it is repeated through npm", () => {
  const env = (npm_lifecycle_event: string) => ({ env: { npm_lifecycle_event } });
  expect(typedLine(["run", "--out", "a"], env("rademark"))).toBe(
    "npm run -s rademark -- run --out a",
  );
  expect(typedLine(["start", "--once"], env("start"))).toBe("npm start -- --once");
  expect(typedLine(["start"], env("start"))).toBe("npm start");
});
