import { describe, afterEach, expect, test, afterAll, beforeAll } from "vitest";
import { z } from "zod";
import { apiAddress } from "../../harness/listing/api-address.ts";
import {
  type Network,
  PATIENCE,
  type ServerRefusal,
  UnexpectedAnswer,
  Unreachable,
  createClient,
  realNetwork,
} from "../../harness/listing/client.ts";
import { EXIT, UserError } from "../../harness/errors.ts";
import { type Answer, ok, problem, scriptedServer } from "../world/scripted-server.ts";
import { proveGrowth } from "../../harness/listing/log-trust.ts";
import { type Laboratory, checkpoint, logKey, openReadingRoom } from "../world/laboratory.ts";
import { listed, retract } from "../world/visitor.ts";

describe("a client", () => {
  const Document = z.strictObject({ size: z.int() });
  const closers: (() => void)[] = [];
  afterEach(() => closers.splice(0).forEach((close) => close()));

  /** A client of a scripted server whose waits are written down instead of waited for. */
  async function meet(answers: readonly (Answer | null)[], random = 0.5) {
    const server = await scriptedServer(answers);
    closers.push(server.close);
    const waits: number[] = [];
    const network: Network = {
      ...realNetwork,
      sleep: (milliseconds) => Promise.resolve(void waits.push(milliseconds)),
      random: () => random,
    };
    return { client: createClient({ api: server.api, network }), waits, ...server };
  }

  async function errorOf(work: Promise<unknown>): Promise<UserError> {
    const error = await work.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }

  test("an answer is read by its schema, and a stranger's is refused", async () => {
    const { client } = await meet([
      ok({ size: 3 }),
      ok({ size: "3" }),
      { status: 200, body: "<p>" },
    ]);
    expect(await client.get("/v1/x", Document)).toEqual({ size: 3 });
    expect((await errorOf(client.get("/v1/x", Document))).message).toMatch(
      /size.*rademark server/s,
    );
    expect((await errorOf(client.get("/v1/x", Document))).message).toMatch(/no JSON/);
  });

  test("what passes is tried again, each wait up to twice the last, and no two clients alike", async () => {
    const { client, waits, asked } = await meet([problem("unavailable"), null, ok({ size: 1 })]);
    expect(await client.get("/v1/x", Document)).toEqual({ size: 1 });
    expect(asked).toHaveLength(3);
    const { firstMilliseconds } = PATIENCE;
    expect(waits).toEqual([0.5 * firstMilliseconds, 0.5 * firstMilliseconds * 2]);
  });

  test("a full quota is waited for as long as the server asks", async () => {
    const busy = problem("too-many-requests", [], { "retry-after": "2" });
    const { client, waits } = await meet([busy, ok({ size: 1 })], 0);
    await client.get("/v1/x", Document);
    expect(waits).toEqual([2000]);
  });

  test("an hour is not waited for, and too many open challenges not at all", async () => {
    for (const answer of [
      problem("too-many-requests", [], { "retry-after": "3600" }),
      problem("too-many-challenges"),
    ]) {
      const { client, asked } = await meet([answer]);
      const error = (await errorOf(client.get("/v1/x", Document))) as ServerRefusal;
      expect([error.status, error.exitCode, asked.length]).toEqual([429, EXIT.network, 1]);
    }
  });

  test("patience ends: five tries, then the server's own words", async () => {
    const { client, asked } = await meet([problem("unavailable")]);
    const error = await errorOf(client.post("/v1/x", {}, Document));
    expect(asked).toHaveLength(5);
    expect(error.message).toContain("The database cannot be reached. Just so.");
    expect(error.exitCode).toBe(EXIT.network);
  });

  test("a refusal is a sentence for each error, with its pointer, and what to do", async () => {
    const errors = [
      { pointer: "/panel/0/seed", rule: "1", found: "7" },
      { pointer: "", rule: "no secret\u001b[31m", found: "one" },
    ];
    const { client, asked, api } = await meet([problem("wrong-seeds", errors)]);
    const error = (await errorOf(client.post("/v1/x", {}, Document))) as ServerRefusal;
    expect(asked).toHaveLength(1);
    expect(error.problem).toBe("wrong-seeds");
    expect(error.exitCode).toBe(EXIT.verification);
    expect(error.message.split("\n")).toEqual([
      `The server at ${api} refused: The seeds are not the panel's and the challenge's. Just so.`,
      "  /panel/0/seed: must be 1; found 7",
      "  (the whole document): must be no secret\\u001b[31m; found one",
      expect.stringContaining("rademark run --challenge"),
    ]);
  });

  test("an error page of something else is not quoted", async () => {
    const { client } = await meet([{ status: 418, body: "<html>teapot</html>" }]);
    const error = await errorOf(client.get("/v1/x", Document));
    expect(error.message).toMatch(/status 418/);
    expect(error.message).not.toContain("teapot");
  });

  const HTML = { "content-type": "text/html; charset=utf-8" };

  test.each([
    [401, /\/v1\/x answered with status 401 \(text\/html\).*login.*--api/],
    [404, /status 404 \(text\/html\), not as a rademark server does\. Check the address \(--api/],
    [413, /status 413 .*proxy.*bodies of this size/],
    [502, /status 502 .*try again later/],
  ])("an error page with status %i: where, what came, and what to do", async (status, sentence) => {
    const { client } = await meet([{ status, body: "<h1>No</h1>", headers: HTML }]);
    expect((await errorOf(client.get("/v1/x", Document))).message).toMatch(sentence);
  });

  test("a page instead of an answer is told with its type and with where a redirect led", async () => {
    const page = { status: 200, body: "<p>Log in", headers: HTML };
    const moved = { status: 302, body: "", headers: { location: "/login" } };
    const { client, api } = await meet([moved, page]);
    const error = await errorOf(client.get("/v1/x", Document));
    expect(error).toBeInstanceOf(UnexpectedAnswer);
    expect(error.message).toContain(`(no JSON: text/html, redirected to ${api}/login)`);
    expect(error.message).toContain("--api URL");
  });

  test("what is not there is told with the address that was asked", async () => {
    const { client, api } = await meet([problem("not-found")]);
    const { message, exitCode } = await errorOf(client.get("/v1/x", Document));
    expect([message.split("\n")[0], exitCode]).toEqual([`${api}/v1/x: Just so.`, EXIT.usage]);
    expect(message).toContain("Check the id and the server's address (--api)");
  });

  test("a server without TLS that is asked with https is told to be one, in one line", async () => {
    const { api } = await meet([ok({})]);
    const patience = { ...PATIENCE, tries: 1 };
    const client = createClient({ api: api.replace("http:", "https:"), patience });
    const { message } = await errorOf(client.get("/v1/x", Document));
    expect(message).toContain(`does not speak TLS). Give its address with http: (--api ${api})`);
  });

  test("nobody there: the address, the reason, and how to start a server", async () => {
    const { client, api, close } = await meet([ok({})]);
    close();
    const error = await errorOf(client.get("/v1/x", Document));
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toContain(api);
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.message).toContain("rademark serve");
    expect(error.exitCode).toBe(EXIT.network);
  });

  test("a server that never answers is given up", async () => {
    const hanging: Network["fetch"] = (_, { signal }) =>
      new Promise((_, reject) =>
        signal!.addEventListener("abort", () => reject(signal!.reason as Error)),
      );
    const patience = { ...PATIENCE, tries: 2, firstMilliseconds: 1, timeoutMilliseconds: 20 };
    const network = { ...realNetwork, fetch: hanging };
    const client = createClient({ api: "http://127.0.0.1:1", network, patience });
    expect((await errorOf(client.get("/v1/x", Document))).message).toContain("no answer in time");
  });

  test("large bodies are sent as gzip, small ones as they are", async () => {
    const { client, asked } = await meet([ok({ size: 1 })]);
    for (const text of ["short", "long".repeat(1000)])
      await client.post("/v1/x", { text }, Document);
    expect(asked.map(({ headers }) => headers["content-encoding"])).toEqual([undefined, "gzip"]);
    expect(JSON.parse(asked[1]!.body)).toEqual({ text: "long".repeat(1000) });
    expect(asked[1]!.headers["content-type"]).toBe("application/json");
  });

  test("an address is one of a server, without credentials or a slash at its end", () => {
    expect(apiAddress("http://127.0.0.1:8787/")).toBe("http://127.0.0.1:8787");
    expect(apiAddress("https://example.org/v1/")).toBe("https://example.org");
    expect(apiAddress("https://example.org/rademark/")).toBe("https://example.org/rademark");
    for (const text of [
      "example.org",
      "ftp://example.org",
      "https://a:b@example.org",
      "http://x?y",
    ])
      expect(() => apiAddress(text), text).toThrow("address");
  });
});

describe("the log that a client knows", () => {
  let room: Laboratory;
  beforeAll(async () => void (room = await openReadingRoom()));
  afterAll(() => room.close());

  /** The log's server behind a cache that gives an old checkpoint so many times. @param mark of its own. */
  function cached(old: string, times: number, mark: Record<string, string> = {}) {
    const asked: (string | null)[] = [];
    const fetch = async (url: string, init: RequestInit) => {
      const { pathname } = new URL(url);
      if (!pathname.endsWith("checkpoint")) return room.app.request(pathname, init);
      asked.push(new Headers(init.headers).get("cache-control"));
      if (asked.length <= times) return new Response(old, { headers: mark });
      return room.app.request(pathname, init);
    };
    const network = { fetch, sleep: () => Promise.resolve(), random: Math.random };
    return { client: createClient({ api: "http://log.test", network }), asked };
  }

  async function grown() {
    const note = await (await room.get("/v1/log/checkpoint")).text();
    await retract(room, await listed(room), "a wrong seed");
    return { note, newest: await checkpoint(room), key: await logKey(room) };
  }

  test("a checkpoint that lags behind is asked for again, past every cache, before a log is accused", async () => {
    const { note, newest, key } = await grown();
    const { client, asked } = cached(note, 2);
    const growth = await proveGrowth(client, key, [newest]);
    expect(growth).toMatchObject({ ok: true, newest: { size: newest.size } });
    expect(asked).toEqual([null, "no-cache", "no-cache"]);
  });

  test("a log that stays behind what was signed for has shrunk", async () => {
    const { note, newest, key } = await grown();
    const growth = await proveGrowth(cached(note, Infinity).client, key, [newest]);
    expect(growth).toHaveProperty("reason", expect.stringContaining("has shrunk"));
  });

  test("a server that answers from memory while its database is away is not accused", async () => {
    const { note, newest, key } = await grown();
    const { client } = cached(note, Infinity, { warning: '110 - "Response is Stale"' });
    await expect(proveGrowth(client, key, [newest])).rejects.toThrow(
      /from memory.*try again later/,
    );
  });
});
