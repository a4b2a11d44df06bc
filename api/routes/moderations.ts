/** @file POST /v1/moderations */

import { Receipt } from "../../record/log/log-proof.ts";
import { acceptModeration } from "../accept/accept-moderation.ts";
import type { App } from "../variables.ts";
import { statementRoute } from "./write-route.ts";

export function moderationRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/moderations",
    summary: "Publish an operator's decision on an entry, a protocol or a name, with its reason.",
    kind: "moderation",
    accept: acceptModeration,
    answer: Receipt,
  });
}
