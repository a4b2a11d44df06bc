import { describe, expect, test } from "vitest";
import { isTransient, isUnavailable, localFault } from "../../../db/stores/unavailable.ts";

/** As Drizzle throws it. */
const failed = (cause: unknown) => new Error("Failed query: select 'WebSocket'", { cause });
const withCode = (code: string, more = {}) => Object.assign(new Error("no"), { code, ...more });

test.each([
  ["a network's code", withCode("ECONNRESET")],
  ["a server that stops", withCode("57P01")],
  ["an answer of Neon's proxy", new Error("Server error (HTTP status 502): no compute")],
  ["a WebSocket that breaks", Object.assign(new Event("error"), { message: "gone" })],
  ["several addresses that all fail", new AggregateError([withCode("ECONNREFUSED")])],
])("%s means that the database is away", (_, error) => {
  expect(isUnavailable(error)).toBe(true);
  expect(isUnavailable(failed(error))).toBe(true);
});

test.each([
  ["a table that is missing", withCode("42P01")],
  ["a query that speaks of a WebSocket", failed(new Error("no"))],
  ["another event", new Event("close")],
  ["nothing", null],
])("%s does not", (_, error) => {
  expect(isUnavailable(error)).toBe(false);
});

describe("a database in this process", () => {
  const here = { queryOptions: undefined };

  test.each(["53100", "58030", "08006"])("has a fault of its place by %s", (code) => {
    expect(localFault(failed(withCode(code, here)))).toBe(code);
    expect(localFault(failed(withCode(code)))).toBeNull();
  });

  test("has none by what a query did", () => {
    expect(localFault(failed(withCode("42P01", here)))).toBeNull();
  });
});

test("a broken connection and a lost race are worth another try, a full disk is not", () => {
  const codes = ["08006", "40001", "40P01", "53100", "57P01"];
  expect(codes.map((code) => isTransient(failed(withCode(code))))).toEqual([
    ...[true, true, true],
    ...[false, false],
  ]);
});
