/** @file GET /v1/challenges and /v1/challenges/:id */

import { z } from "zod";
import { challengeList, findChallenge, findKey } from "../../db/read/challenge-document.ts";
import {
  ChallengeDocument,
  ChallengeList,
  KeyDocument,
  MOST_CHALLENGES,
} from "../../record/answers/documents.ts";
import { PublicKey } from "../../record/signature/ed25519.ts";
import {
  ConfigurationText,
  IdParams,
  JSON_TYPE,
  LeafCount,
  found,
  jsonAnswer,
  knownProtocol,
  pageLimit,
  readRoute,
  refuseParameter,
} from "./read-route.ts";

const WITH_PROTOCOL = "given beside `arch` or `regs`, as a configuration is one of a protocol";

const list = readRoute({
  path: "/v1/challenges",
  tag: "challenges",
  summary:
    "Challenges of a key or a configuration (`protocol` with `arch`, `regs`) with their outcomes, newest first",
  query: z.strictObject({
    /** The key, or one that it replaced or that replaced it: a row counts challenges of all of these as its own. */
    key: PublicKey.optional(),
    /** Alias or id. */
    protocol: z.string().min(1).max(80).optional(),
    arch: ConfigurationText.optional(),
    regs: ConfigurationText.optional(),
    limit: pageLimit(MOST_CHALLENGES),
    /** `next` of the page before. */
    before: LeafCount.optional(),
  }),
  answers: { [JSON_TYPE]: ChallengeList },
  respond: async ({ query, db }) => {
    const { key = null, arch = null, regs = null, limit, before } = query;
    if (query.protocol === undefined && (arch !== null || regs !== null))
      throw refuseParameter("protocol", WITH_PROTOCOL, query.protocol);
    const protocol = query.protocol === undefined ? null : knownProtocol(query.protocol).id;
    const filters = { key, protocol, arch, regs };
    const from = before ?? Number.MAX_SAFE_INTEGER;
    return jsonAnswer(await challengeList(await db(), filters, from, limit));
  },
});

const one = readRoute({
  path: "/v1/challenges/{id}",
  tag: "challenges",
  summary: "A challenge: what was committed to, what was issued, how it ended",
  params: IdParams,
  answers: { [JSON_TYPE]: ChallengeDocument },
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findChallenge(await db(), params.id), "challenge")),
});

export const challengesRead = [list, one];

/** Names are kept outside the log, so nothing tells a cache that one has changed. */
export const keysRead = readRoute({
  path: "/v1/keys/{key}",
  tag: "keys",
  summary: "A key: its name, whether it was revoked or replaced, how much it has signed",
  params: z.strictObject({ key: PublicKey }),
  answers: { [JSON_TYPE]: KeyDocument },
  atOneMoment: true,
  follows: "never",
  respond: async ({ params, db }) =>
    jsonAnswer(found(await findKey(await db(), params.key), "key")),
});
