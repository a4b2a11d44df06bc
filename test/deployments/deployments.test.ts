import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type InclusionProof,
  type Receipt,
  openInclusionProof,
} from "../../record/log/log-proof.ts";
import { parseVerifierKey } from "../../record/log/checkpoint.ts";
import type { Result } from "../../record/statement/statements.ts";
import { idOf } from "../world/statements.ts";
import { type StartedDeployment, deployments } from "../world/deployments.ts";
import { type Visitor, entry, visitor } from "../world/visitor.ts";

describe.each(deployments)("on $name", ({ start }) => {
  let deployment: StartedDeployment;
  let alice: Visitor;
  let entered: { result: Result; receipt: Receipt };

  beforeAll(async () => {
    deployment = await start();
    alice = visitor(deployment.url);
  });
  afterAll(() => deployment?.stop());

  test("a key, a challenge, a result: the board shows it", async () => {
    expect((await alice.register()).status).toBe(201);
    entered = await entry(alice);
    await alice.untilListed(entered.result);
  });

  test("the same result again has the same receipt", async () => {
    const again = await alice.submit("/v1/results", "result", entered.result);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(entered.receipt);
  });

  test("whoever has the log's key can check that the entry is in it", async () => {
    const id = idOf(entered.result);
    const proof = (await (await alice.get(`/v1/entries/${id}/proof`)).json()) as InclusionProof;
    const key = parseVerifierKey((await (await alice.get("/v1/log/key")).text()).trim());
    const opened = await openInclusionProof(proof, key!);
    expect(opened).toMatchObject({ ok: true });
    expect(proof.entry).toEqual({ kind: "result", digest: id });
  });

  test("twenty copies of a result at once add nothing to the log", async () => {
    const size = await alice.logSize();
    const { result } = await entry(alice);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => alice.submit("/v1/results", "result", result)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await alice.untilListed(result);
    expect(await alice.logSize()).toBe(size + 3); // the challenge, the result, its outcome
  });

  test.each([
    ["/v1/health", 200],
    ["/v1/protocols", 200],
    ["/v1/log/checkpoint", 200],
    ["/v1/measures/micro-1", 200],
    ["/v1/export/log.jsonl.gz", 200],
    ["/openapi.json", 200],
    ["/docs", 200],
    ["/problems/bad-signature", 200],
    ["/v1/nothing", 404],
  ])("%s is answered by the API: %i", async (path, status) => {
    const answer = await alice.get(path);
    expect(answer.status).toBe(status);
    await answer.arrayBuffer();
  });

  test("what is no address of the API is asked of the site", async () => {
    const answer = await alice.get("/no-such-page");
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toMatch(/at .*\.ts/);
  });

  test.each(["/no-such-page", `/entries/${"0".repeat(64)}`, "/entries/x"])(
    "%s is not found, as a page",
    async (path) => {
      const answer = await alice.get(path);
      expect(answer.status).toBe(404);
      expect(answer.headers.get("content-type")).toContain("text/html");
      expect(await answer.text()).toMatch(/<title>(Nothing is here|The site's page of nothing)/);
    },
  );
});
