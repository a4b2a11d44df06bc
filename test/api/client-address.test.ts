import { expect, test } from "vitest";
import { clientAddress } from "../../api/node/serve.ts";

test("without a proxy nobody chooses the address that their quota is counted by", () => {
  expect(clientAddress("192.0.2.1", "198.51.100.7", false)).toBe("192.0.2.1");
});

test("behind a proxy the address that it appended counts, not what the client wrote before", () => {
  expect(clientAddress("127.0.0.1", "203.0.113.9, 198.51.100.7", true)).toBe("198.51.100.7");
  expect(clientAddress("127.0.0.1", undefined, true)).toBe("127.0.0.1");
});
