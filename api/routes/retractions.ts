/** @file POST /v1/retractions */

import { Receipt } from "../../record/log/log-proof.ts";
import { acceptRetraction } from "../accept/accept-retraction.ts";
import type { App } from "../variables.ts";
import { statementRoute } from "./write-route.ts";

export function retractionRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/retractions",
    summary: "Take back a result or a reproduction of one's own, or give up a challenge.",
    kind: "retraction",
    accept: acceptRetraction,
    answer: Receipt,
  });
}
