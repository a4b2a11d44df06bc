import { expect, test } from "vitest";
import { LIMITS } from "../../api/deployment.ts";
import { readSettings } from "../../api/settings.ts";

test("limits are lifted by a setting alone, and those of a body never", () => {
  expect(readSettings({}).limits).toEqual(LIMITS);
  expect(readSettings({ RADEMARK_LIMITS: "on" }).limits).toEqual(LIMITS);
  const lifted = readSettings({ RADEMARK_LIMITS: "off" }).limits;
  const { address, key, exports, openChallenges, ...body } = lifted;
  const numbers = [address.requests, key.requests, exports.requests, openChallenges];
  expect(numbers).toEqual([Infinity, Infinity, Infinity, Infinity]);
  const { wireBytes, expandedBytes } = LIMITS;
  expect(body).toEqual({ wireBytes, expandedBytes });
  expect(() => readSettings({ RADEMARK_LIMITS: "none" })).toThrow("RADEMARK_LIMITS: on or off");
});
