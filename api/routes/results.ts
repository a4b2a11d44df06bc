/** @file POST /v1/results */

import { Receipt } from "../../record/log/log-proof.ts";
import { acceptResult } from "../accept/accept-result.ts";
import type { App } from "../variables.ts";
import { statementRoute } from "./write-route.ts";

export function resultRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/results",
    summary: "Submit the envelope of a result: the counts of all its runs.",
    kind: "result",
    accept: acceptResult,
    answer: Receipt,
  });
}
