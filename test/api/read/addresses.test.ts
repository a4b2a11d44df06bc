import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OpenApiDocument } from "../../../api/read/openapi.ts";
import { isApiPath } from "../../../api/app.ts";
import { HTML } from "../../../api/read/html-page.ts";
import { PROBLEMS } from "../../../record/answers/problem-document.ts";
import { PAPERS } from "../../../record/papers.ts";
import { problemOf, listed } from "../../world/visitor.ts";
import { type Laboratory, openReadingRoom } from "../../world/laboratory.ts";

let room: Laboratory;
let id: string;
let document: OpenApiDocument;
beforeAll(async () => {
  room = await openReadingRoom();
  id = await listed(room);
  await room.refresh();
  document = (await (await room.get("/openapi.json")).json()) as OpenApiDocument;
});
afterAll(() => room.close());

const ODD = [
  "%00",
  "%ff",
  "%",
  "%2e%2e",
  "a%2fb",
  "💥",
  "x".repeat(5000),
  "-1",
  "1e999",
  "__proto__",
  "'--",
  "{}",
];

test("odd addresses are not found or refused, and never break the server", async () => {
  const paths = Object.keys(document.paths).filter((path) => path.includes("{"));
  expect(paths.length).toBeGreaterThan(10);
  for (const path of paths)
    for (const odd of ODD) {
      const address = path.replaceAll(/\{\w+\}/g, odd);
      if (new URL(address, "http://a").pathname === "/v1/") continue; // `..`: there is something
      const answer = await room.get(address);
      expect([path, odd.slice(0, 20), answer.status]).toEqual([path, odd.slice(0, 20), 404]);
      if (isApiPath(new URL(address, "http://a").pathname)) await problemOf(answer);
      else expect(answer.headers.get("content-type")).toBe(HTML);
    }
  expect(room.reported).toEqual([]);
});

test("any query is answered or refused with a problem, and never breaks the server", async () => {
  const known = Object.entries(document.paths).flatMap(([path, { get }]) =>
    get ? [{ path: path.replace("{protocol}", "micro-1").replaceAll(/\{\w+\}/g, id), get }] : [],
  );
  const value = fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.constantFrom(
      "\0",
      "9".repeat(30),
      "-0",
      "1.5",
      "ascending",
      "retracted",
      "a,b",
      "\ud800",
      "null",
    ),
  );
  const asked = fc.constantFrom(...known).chain(({ path, get }) => {
    const names = [
      ...get.parameters.filter((each) => each.in === "query").map(({ name }) => name),
      "x",
    ];
    return fc.tuple(
      fc.constant(path),
      fc.array(fc.tuple(fc.constantFrom(...names), value), { minLength: 1, maxLength: 3 }),
    );
  });
  await fc.assert(
    fc.asyncProperty(asked, async ([path, pairs]) => {
      const search = new URLSearchParams(pairs.map(([name, text]) => [name, text.toWellFormed()]));
      const answer = await room.get(`${path}?${search.toString()}`);
      expect([200, 400, 404]).toContain(answer.status);
      if (answer.status === 200) await answer.body?.cancel();
      else await problemOf(answer);
    }),
    { numRuns: 400 },
  );
  expect(room.reported).toEqual([]);
});

test("a method that an address does not take is told those that it takes", async () => {
  const allow = async (method: string, path: string) => {
    const answer = await room.app.request(path, { method });
    return [answer.status, answer.headers.get("allow")];
  };
  expect(await allow("DELETE", "/v1/boards/micro-1")).toEqual([405, "GET, HEAD"]);
  expect(await allow("GET", "/v1/results")).toEqual([405, "POST"]);
  expect(await allow("PUT", "/v1/challenges")).toEqual([405, "GET, HEAD, POST"]);
  expect(await allow("PROPFIND", "/docs")).toEqual([405, "GET, HEAD"]);
  expect(await allow("DELETE", "/v1/nothing")).toEqual([404, null]);
});

test("HEAD answers as GET does, without a body", async () => {
  const get = await room.get("/v1/boards/micro-1");
  const head = await room.app.request("/v1/boards/micro-1", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  for (const name of ["etag", "content-type", "cache-control"])
    expect(head.headers.get(name)).toBe(get.headers.get(name));
});

test("everybody may read without credentials; writes are for no other site", async () => {
  const headers = { origin: "https://elsewhere.example" };
  const read = await room.get("/v1/boards/micro-1", headers);
  expect(read.headers.get("access-control-allow-origin")).toBe("*");
  expect(read.headers.get("access-control-allow-credentials")).toBeNull();
  const write = await room.post("/v1/results", "{}", headers);
  expect(write.headers.get("access-control-allow-origin")).toBeNull();
  const asking = { ...headers, "access-control-request-method": "POST" };
  const preflight = await room.app.request("/v1/results", { method: "OPTIONS", headers: asking });
  expect(preflight.headers.get("access-control-allow-methods")).toBe("GET,HEAD");
});

/** Of the scripts of the API's page, as a policy names them. */
async function digestOfScripts(): Promise<string> {
  const page = await (await room.get("/docs")).text();
  const scripts = [...page.matchAll(/<script[^>]*>([^]*?)<\/script>/g)];
  const digests = scripts.map(([, text]) => createHash("sha256").update(text!).digest("base64"));
  return digests.map((digest) => `'sha256-${digest}'`).join(" ");
}

test("every answer forbids sniffing, framing and scripts, but for the one that sets a page's theme", async () => {
  const paths = ["/v1/boards/micro-1", "/docs", "/v1/nothing", `/v1/badge/${id}.svg`];
  for (const path of paths) {
    const { headers } = await room.get(path);
    const policy = headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    const sources = /script-src ([^;]*)/.exec(policy)![1];
    expect(sources).toBe(await digestOfScripts());
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
  }
});

/** Every `$ref` below a value. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === "$ref" ? [item as string] : references(item),
  );
}

test("the description has every route, and refers to nothing that is not in it", () => {
  const posts = ["keys", "challenges", "results", "reproductions", "retractions", "moderations"];
  for (const name of posts) {
    const { post } = document.paths[`/v1/${name}`]!;
    expect(post!.requestBody!.content["application/json"]!.schema).toHaveProperty("$ref");
    expect(Object.keys(post!.responses)).toEqual(expect.arrayContaining(["200", "201", "422"]));
  }
  const mounted = room.app.routes.filter(({ method }) => method === "GET" || method === "POST");
  const described = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
  expect(described).toHaveLength(mounted.length - 3); // /openapi.json, /docs and its style sheet
  const named = new Set(Object.keys(document.components.schemas));
  const found = references(document);
  expect(found.length).toBeGreaterThan(50);
  for (const reference of found)
    expect(named).toContain(reference.replace("#/components/schemas/", ""));
});

/** Operations with their parameters and codes, then schemas. */
function namesIn({ paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { tags, operationId, parameters, responses }]) => {
      const given = parameters.map((each) => `${each.in}.${each.name}${each.required ? "!" : ""}`);
      return [method, path, operationId, ...tags, ...given, ...Object.keys(responses)].join(" ");
    }),
  );
  return `${[...operations, ...Object.keys(components.schemas).sort()].join("\n")}\n`;
}

test("the description names the paths, parameters, codes and schemas that clients know", () => {
  const known = readFileSync(new URL("openapi-names.txt", import.meta.url), "utf8");
  expect(namesIn(document)).toBe(known);
});

test("the docs are one page without inline styles, and with no script but that of the theme, with every operation and document folded up on it", async () => {
  const page = await (await room.get("/docs")).text();
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).not.toMatch(/<style|\sstyle="|\son[a-z]+="/);
  const whole = page.replaceAll("<wbr>", "");
  for (const path of Object.keys(document.paths)) expect(whole).toContain(`${path}</code>`);
  const operations = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
  const folded = operations.length + Object.keys(document.components.schemas).length;
  expect(page.match(/<details/g)).toHaveLength(folded);
  expect(page).not.toMatch(/<details[^>]* open/);
  const css = await room.get("/v1/docs.css");
  expect(css.headers.get("content-type")).toBe("text/css; charset=utf-8");
  const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, link]) => link!);
  for (const link of links) expect(page).toContain(`id="${link}"`);
});

test("the API's pages lead to the parts of the site that its own header leads to", async () => {
  const header = readFileSync(
    new URL("../../../site/components/base/header.astro", import.meta.url),
    "utf8",
  );
  const parts = [...header.matchAll(/\["(\w+)", "(\/[^"]*)"/g)];
  expect(parts.length).toBeGreaterThan(4);
  const page = await (await room.get("/docs")).text();
  for (const [, name, href] of parts)
    expect(page).toContain(
      `<a href="${href}"${name === "API" ? ' aria-current="page"' : ""}>${name}</a>`,
    );
  for (const { href } of PAPERS) expect(page).toContain(`<a href="${href}">`);
});

test("every problem has a page", async () => {
  for (const name of Object.keys(PROBLEMS)) {
    const answer = await room.get(`/problems/${name}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
  }
  expect((await room.get("/problems/toString")).status).toBe(404);
});
