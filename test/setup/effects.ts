/** @file What set-up gets from the world, with its messages collected. */

import { Writable } from "node:stream";

export function collectedEffects(env: NodeJS.ProcessEnv = process.env) {
  const messages: string[] = [];
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      messages.push(chunk.toString());
      done();
    },
  });
  const controller = new AbortController();
  return {
    effects: { env, stderr: stderr as NodeJS.WriteStream, interruption: controller.signal },
    interrupt: () => controller.abort(new Error("interrupted")),
    said: () => messages.join(""),
  };
}
