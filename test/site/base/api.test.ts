import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi, search } from "../../../site/lib/api.ts";

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
    if (url === "/v1/entries/none") return response.writeHead(404).end("{}");
    if (url === "/v1/entries/proxy") return response.writeHead(502).end("<h1>Bad gateway</h1>");
    if (url?.startsWith("/v1/boards/"))
      return response
        .writeHead(400, { "content-type": "application/problem+json" })
        .end(JSON.stringify(PROBLEM));
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
  expect(await api.board("micro-1", { sort: "beauty" })).toEqual({
    ok: false,
    reason: "refused",
    problem: PROBLEM,
  });
  expect(await api.entry("proxy")).toMatchObject({
    reason: "refused",
    problem: { status: 502, title: "The server answered 502." },
  });
});

test("no answer at all is offline, but a question given up is an error", async () => {
  const nobody = createApi("http://127.0.0.1:9", (_, body) => body as never);
  expect(await nobody.logKey()).toEqual({ ok: false, reason: "offline" });
  const given = AbortSignal.abort(new Error("the reader went on"));
  await expect(trusting().board("micro-1", {}, given)).rejects.toThrow("the reader went on");
});

test("a query leaves out what is not given and escapes the rest", () => {
  expect(search({ arch: "mlp-512", regs: "wd=0.005,aug", after: null, key: undefined })).toBe(
    "?arch=mlp-512&regs=wd%3D0.005%2Caug",
  );
  expect(search({})).toBe("");
});
