/** @file POST /v1/challenges */

import { ChallengeDocument } from "../../record/documents/entry-document.ts";
import { acceptCommitment } from "../accept/accept-commitment.ts";
import type { App } from "../variables.ts";
import { statementRoute } from "./write-route.ts";

export function challengeWriteRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/challenges",
    summary: "Commit to a configuration, and get fresh seeds that nobody knew before.",
    kind: "commitment",
    accept: acceptCommitment,
    answer: ChallengeDocument,
  });
}
