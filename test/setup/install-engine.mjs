/** @file `node install-engine.mjs JSON`: a set-up of the engine in a process that can be killed. */

import path from "node:path";
import { installEngine } from "../../setup/engine.mjs";
import { enter } from "../../setup/entry.mjs";
import { withLock } from "../../setup/lock.mjs";

const { plan, addon } = JSON.parse(process.argv[2]);
await enter(async (effects) => {
  const lock = path.join(path.dirname(plan.folder), "set-up.lock");
  await withLock(lock, effects, () => installEngine(plan, Promise.resolve(addon), effects));
  return 0;
});
