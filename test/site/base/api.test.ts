import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi, search } from "../../../site/data/api.ts";

const TYPE = { "content-type": "application/problem+json" };
const PROBLEM = {
  type: "/problems/invalid-query",
  title: "A parameter of the query is not understood.",
  status: 400,
  detail: "sort: beauty",
  errors: [],
};
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer(({ url }, response) => {
    if (url === "/v1/log/checkpoint") return response.end("a note\n");
    if (url === "/v1/log/key")
      return response.writeHead(200).write("cut", () => response.destroy());
    if (url === "/v1/entries/none") return response.writeHead(404, TYPE).end("{}");
    if (url === "/v1/entries/files") return response.writeHead(404).end("<h1>Not found</h1>");
    if (url === "/v1/entries/page") return response.end("<h1>Welcome</h1>");
    if (url === "/v1/entries/proxy") return response.writeHead(502).end("<h1>Bad gateway</h1>");
    if (url === "/v1/entries/busy")
      return response.writeHead(429, { "retry-after": "17" }).end("slowly");
    if (url?.startsWith("/v1/boards/"))
      return response.writeHead(400, TYPE).end(JSON.stringify(PROBLEM));
    response.end(JSON.stringify({ asked: url }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const trusting = () => createApi(origin, (_, body) => body as never);

test("an answer is what the check makes of it", async () => {
  const api = createApi(origin, (name, body) => ({ name, body }) as never);
  expect(await api.log({ limit: 5, before: null })).toEqual({
    ok: true,
    value: { name: "log", body: { asked: "/v1/log/entries?limit=5" } },
  });
  expect(await api.checkpoint()).toMatchObject({ value: { body: "a note\n" } });
});

test("what is not there, what is refused and what answers nonsense are told apart", async () => {
  const api = trusting();
  expect(await api.entry("none")).toEqual({ ok: false, reason: "absent" });
  expect(await api.entry("files")).toEqual({ ok: false, reason: "unserved" });
  expect(await api.board("micro-1", { sort: "beauty" })).toEqual({
    ok: false,
    reason: "refused",
    problem: PROBLEM,
    retryAfterSeconds: null,
  });
  expect(await api.entry("proxy")).toMatchObject({
    reason: "refused",
    problem: { status: 502, title: "The server answered 502." },
  });
  expect(await api.entry("busy")).toMatchObject({ reason: "refused", retryAfterSeconds: 17 });
});

test("no answer, half of one, and a page in its place are all offline", async () => {
  const nobody = createApi("http://127.0.0.1:9", (_, body) => body as never);
  const offline = { ok: false, reason: "offline" };
  expect(await nobody.logKey()).toEqual(offline);
  expect(await trusting().logKey()).toEqual(offline);
  expect(await trusting().entry("page")).toEqual(offline);
});

test("a query leaves out what is not given and escapes the rest", () => {
  expect(search({ arch: "mlp-512", regs: "wd=0.005,aug", after: null, key: undefined })).toBe(
    "?arch=mlp-512&regs=wd%3D0.005%2Caug",
  );
  expect(search({})).toBe("");
});
