import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { type DecoderRequest, Decoders } from "../../harness/data/decoder-processes.ts";
import { type ImageView, imageBatches } from "../../harness/data/image-batches.ts";
import { tf } from "../../harness/engine/tensorflow.ts";
import { EXIT } from "../../harness/errors.ts";
import { hash32, uniformNumber } from "../../record/random.ts";

const root = mkdtempSync(join(tmpdir(), "rademark-decoders-"));
const decoders = new Decoders(2);
afterAll(async () => {
  await decoders.close();
  rmSync(root, { recursive: true, force: true });
});

const PATHS = ["0.jpg", "1.png", "2.jpg", "3.jpg", "4.png"];
for (const [i, path] of PATHS.entries()) {
  const [height, width] = [40 + 7 * i, 61 - 5 * i];
  const values = Int32Array.from({ length: height * width * 3 }, (_, k) => hash32(i, k) & 255);
  const image = tf.tensor3d(values, [height, width, 3], "int32");
  const isPng = path.endsWith(".png");
  writeFileSync(join(root, path), await tf.node[isPng ? "encodePng" : "encodeJpeg"](image));
  image.dispose();
}
writeFileSync(join(root, "broken.jpg"), "<html>");

const view: ImageView = {
  ...{ height: 24, width: 32, shorterSide: 36, flip: 0.5 },
  ...{ area: [0.08, 1], aspect: [3 / 4, 4 / 3] },
};

const requestOf = (rows: number[], key: number | null): DecoderRequest => ({
  ...{ root, key, view },
  paths: rows.map((row) => PATHS[row] ?? "broken.jpg"),
  indices: Int32Array.from(rows, (row) => 1000 + row),
});

/** The same, by this process alone. */
async function alone({ key, indices, ...request }: DecoderRequest): Promise<Uint8Array> {
  const uniform = (row: number, ...words: number[]) => uniformNumber(key!, indices[row]!, ...words);
  const stream = { ...request, batch: indices.length, uniform: key === null ? null : uniform };
  for await (const images of imageBatches(stream)) return images;
  throw new Error("no images");
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function untilEnded(pid: number): Promise<void> {
  while (isAlive(pid)) await setTimeout(50);
}

test("decoders give the bytes that one thread gives, batch after batch, many asked for at once", async () => {
  const rows = [[3, 0, 4, 1, 2], [2], [1, 1, 0], Array.from({ length: 70 }, (_, i) => i % 5)];
  const requests = rows.flatMap((each, i) => [requestOf(each, i), requestOf(each, null)]);
  const decoded = await Promise.all(requests.map((request) => decoders.decode(request)));
  for (const [i, request] of requests.entries())
    expect(Buffer.compare(decoded[i]!, await alone(request)), `request ${i}`).toBe(0);
  // The requests differ, so equality is not that of empty or equal views.
  expect(Buffer.compare(decoded[0]!, decoded[1]!)).not.toBe(0);
});

test("an error is that of one thread and names the file, and the next batch is decoded", async () => {
  const bad = requestOf([0, 1, 2, 3, 9], 1);
  const error = await alone(bad).catch((error: Error) => error);
  expect((error as Error).message).toContain(join(root, "broken.jpg"));
  const [failed, good] = [decoders.decode(bad), decoders.decode(requestOf([4, 3], 1))];
  await expect(failed).rejects.toMatchObject({
    message: (error as Error).message,
    exitCode: EXIT.verification,
  });
  expect(Buffer.compare(await good, await alone(requestOf([4, 3], 1)))).toBe(0);
});

test("decoders outlive Ctrl-C, which is their parent's to handle; a killed one is an error and is replaced", async () => {
  const pid = decoders.pids[1]!;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(pid, signal);
  await decoders.decode(requestOf([0, 1], 3));
  process.kill(pid, "SIGSTOP"); // so that it cannot answer first
  const waiting = decoders.decode(requestOf([0, 1], 3));
  process.kill(pid, "SIGKILL");
  await expect(waiting).rejects.toMatchObject({
    message: expect.stringMatching(/decoder was ended by SIGKILL.*resumed/) as string,
    exitCode: EXIT.runFailed,
  });
  const next = requestOf([0, 1], 3);
  expect(Buffer.compare(await decoders.decode(next), await alone(next))).toBe(0);
  expect(decoders.pids).not.toContain(pid);
});

test("a process that is killed takes its decoders with it, and one that is done need not end them", async () => {
  const module = join(import.meta.dirname, "../../harness/data/decoder-processes.ts");
  const program = (end: string) => `
    import { Decoders } from ${JSON.stringify(module)};
    const request = ${JSON.stringify({ ...requestOf([], 1), paths: ["0.jpg"] })};
    const decoders = new Decoders(1);
    await decoders.decode({ ...request, indices: Int32Array.of(0) });
    console.log(decoders.pids[0]);
    ${end}`;
  for (const end of ["setInterval(() => {}, 1000);", ""]) {
    const args = ["--input-type=module", "--eval", program(end)];
    const parent = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const gone = once(parent, "exit");
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    expect(pid).toBeGreaterThan(0);
    if (end) parent.kill("SIGKILL");
    expect(await gone).toEqual(end ? [null, "SIGKILL"] : [0, null]);
    await untilEnded(pid);
  }
});
