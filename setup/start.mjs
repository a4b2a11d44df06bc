/** @file `npm start`: sets up what is missing, then runs the main job. */

import "./node-floor.mjs";
import { handOver } from "./child.mjs";
import { enter } from "./entry.mjs";
import { answerHelp } from "./help.mjs";
import { withOptions } from "./options.mjs";
import { needsOf } from "./parts.mjs";
import { prepare, ROOT } from "./prepare.mjs";
import { ensureSite } from "./site.mjs";

await enter(async (effects) => {
  const args = process.argv.slice(2);
  const answered = answerHelp(["start", ...args], effects);
  if (answered !== null) return answered;
  const { node, env } = await prepare(
    { ...effects, env: withOptions(args, effects.env) },
    needsOf(["start"]),
    { meanwhile: ensureSite },
  );
  return handOver(node, [`${ROOT}/harness/cli/rademark.ts`, "start", ...args], { env });
});
