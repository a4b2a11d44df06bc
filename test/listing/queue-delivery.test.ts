import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PATIENCE, createClient } from "../../harness/listing/client.ts";
import { EXIT, UserError } from "../../harness/errors.ts";
import { type KeyEffects, createKey } from "../../harness/listing/key-store.ts";
import { type Delivery, deliver, deliverQueue, listQueue } from "../../harness/listing/delivery.ts";
import { keptSubmission } from "../../harness/listing/submission.ts";
import { signerNamed } from "../../harness/listing/signer.ts";
import { openFolder } from "../../harness/study/run-folder.ts";
import { type Answer, ok, problem, scriptedServer } from "../world/scripted-server.ts";
import { aFolder, aTrainedFolder } from "../world/run-folders.ts";

const clientOf = (api: string) => createClient({ api, patience: { ...PATIENCE, tries: 1 } });
const page = (status: number): Answer => ({
  status,
  body: "<p>Please log in.",
  headers: { "content-type": "text/html" },
});
const busy = problem("unavailable");

async function aStranger(...answers: Answer[]) {
  const server = await scriptedServer(answers);
  onTestFinished(server.close);
  return server;
}

/** Somebody whose trained folders wait for a server that has been busy once for each. */
async function aQueue(names: string[], answers: Answer[], passphrase: string | null = null) {
  const cwd = aFolder();
  const env = { RADEMARK_CONFIG: join(cwd, "config") };
  const given = { env: { ...env, RADEMARK_PASSPHRASE: passphrase ?? undefined } };
  await createKey({ name: "default", displayName: null, passphrase }, { env });
  const server = await aStranger(...names.map(() => busy), ...answers);
  const silent = { askSecret: () => Promise.resolve(null) };
  for (const name of names) {
    const folder = await aTrainedFolder(join(cwd, name));
    const signer = signerNamed("default", { ...given, ...silent });
    const delivery = await deliver(folder, clientOf(server.api), signer, null, { env });
    expect(delivery.ok).toBe(false);
  }
  const effects: KeyEffects = { env, ...silent };
  return { cwd, server, effects, ...aListener() };
}

function aListener() {
  const deliveries: Delivery[] = [];
  const refusals: UserError[] = [];
  const listener = {
    onDelivery: (delivery: Delivery) => void deliveries.push(delivery),
    onRefusal: (refusal: UserError) => void refusals.push(refusal),
  };
  return { deliveries, refusals, listener };
}

const hasSubmission = (cwd: string) => existsSync(join(cwd, "a/submission.json"));

test.each<[string, Answer]>([
  ["a login page", page(200)],
  ["a proxy's 403", page(403)],
  ["a proxy's 404", page(404)],
  ["a proxy's 407", page(407)],
  ["a full quota", problem("too-many-requests", [], { "retry-after": "3600" })],
  ["a quarantined protocol", problem("unknown-protocol")],
  ["a server without that address", problem("not-found")],
])("%s judges nothing: what is signed stays, and stays queued", async (_, answer) => {
  const { cwd, effects, listener, deliveries, refusals } = await aQueue(["a"], [answer]);
  expect(await deliverQueue(clientOf, listener, effects)).toBe(1);
  expect([deliveries.map(({ ok }) => ok), refusals]).toEqual([[false], []]);
  expect(listQueue(effects)).toHaveLength(1);
  expect(hasSubmission(cwd)).toBe(true);
});

test("what a server refuses for good leaves the queue, told with folder and pointer", async () => {
  const fault = { pointer: "/panel/0", rule: "counts of its own", found: "others" };
  const { cwd, effects, listener, refusals } = await aQueue(
    ["a"],
    [problem("copied-counts", [fault])],
  );
  await deliverQueue(clientOf, listener, effects);
  expect(listQueue(effects)).toEqual([]);
  expect(hasSubmission(cwd)).toBe(false);
  const [{ message }] = refusals as [UserError];
  expect(message).toContain(`mlp-512 none in ${join(cwd, "a")}: The server at`);
  expect(message).toContain(`  /panel/0: must be counts of its own; found others`);
  expect(message).toContain(`rademark submit ${join(cwd, "a")} --dry-run`);
});

test("a folder that is not mounted, and a missing passphrase, leave the queue as it is", async () => {
  const { cwd, effects, listener, refusals } = await aQueue(
    ["a"],
    [problem("unknown-key"), problem("not-found")],
    "horse",
  );
  renameSync(join(cwd, "a"), join(cwd, "b"));
  await deliverQueue(clientOf, listener, effects);
  expect(refusals[0]!.message).toMatch(/config.json is missing[^]*It stays in the queue/);
  renameSync(join(cwd, "b"), join(cwd, "a"));
  await deliverQueue(clientOf, listener, effects);
  expect(refusals[1]!.message).toMatch(/RADEMARK_PASSPHRASE[^]*It stays in the queue/);
  expect(listQueue(effects)).toHaveLength(1);
  expect(hasSubmission(cwd)).toBe(true);
});

test("Ctrl-C at the passphrase ends the sending, and all still waits", async () => {
  const { server, effects, listener, refusals } = await aQueue(
    ["a", "b"],
    [problem("unknown-key")],
    "horse",
  );
  const asked = server.asked.length;
  const interrupted = () => Promise.reject(new UserError("interrupted", EXIT.interrupted));
  const stopped = deliverQueue(clientOf, listener, { ...effects, askSecret: interrupted });
  await expect(stopped).rejects.toMatchObject({ exitCode: EXIT.interrupted });
  expect(server.asked).toHaveLength(asked + 1);
  expect([listQueue(effects).length, refusals]).toEqual([2, []]);
});

test("a folder that waits for one server is not taken back by another's refusal", async () => {
  const { cwd, effects } = await aQueue(["a"], [busy]);
  const folder = openFolder(join(cwd, "a"));
  const other = await aStranger(problem("unknown-challenge"));
  const signer = signerNamed("default", effects);
  const refused = deliver(folder, clientOf(other.api), signer, null, effects);
  await expect(refused).rejects.toThrow("No such challenge was issued.");
  expect(hasSubmission(cwd)).toBe(true);
  expect(listQueue(effects)).toHaveLength(1);
});

test("what one server lists waits for no other any more", async () => {
  const { cwd, server, effects } = await aQueue(["a"], [busy]);
  const folder = openFolder(join(cwd, "a"));
  const signer = signerNamed("default", effects);
  const { id } = await keptSubmission(folder, signer, null);
  const other = await aStranger(ok({ id, index: 3, checkpoint: "a note" }));
  const delivery = await deliver(folder, clientOf(other.api), signer, null, effects);
  expect(delivery).toMatchObject({ ok: true, unqueued: [server.api] });
  expect(listQueue(effects)).toEqual([]);
});

test("a receipt of another statement is none", async () => {
  const { cwd, effects } = await aQueue(["a"], [busy]);
  const folder = openFolder(join(cwd, "a"));
  const signer = signerNamed("default", effects);
  const liar = await aStranger(ok({ id: "f".repeat(64), index: 3, checkpoint: "a note" }));
  const sent = deliver(folder, clientOf(liar.api), signer, null, effects);
  await expect(sent).rejects.toMatchObject({ exitCode: EXIT.verification });
  expect(existsSync(join(cwd, "a/receipt.json"))).toBe(false);
  expect(listQueue(effects)).toHaveLength(1);
});
