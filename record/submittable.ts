/** @file What keeps a configuration off the boards. */

import { canonicalJson } from "./canonical-json.ts";
import { NO_ABLATIONS, type Configuration } from "./configuration.ts";
import { protocolId, protocols } from "./protocols.ts";

/** Why results of this configuration cannot be submitted; empty when they can. */
export function unsubmittable(configuration: Configuration): string[] {
  const published = Object.values(protocols).find(
    (protocol) => protocolId(protocol) === configuration.protocolId,
  );
  const missing = published?.panelSeeds.filter((seed) => !configuration.seeds.includes(seed)) ?? [];
  const reasons: [applies: boolean, reason: string][] = [
    [published === undefined, `${configuration.protocol} is not a published protocol`],
    [configuration.limit !== null, `cut off after ${configuration.limit} epochs`],
    [
      canonicalJson(configuration.ablations) !== canonicalJson(NO_ABLATIONS),
      "its random-label heads depart from the method",
    ],
    [missing.length > 0, `panel seeds ${missing.join(", ")} are missing`],
  ];
  return reasons.filter(([applies]) => applies).map(([, reason]) => reason);
}
