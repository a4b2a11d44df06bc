/** @file POST /v1/reproductions */

import { Receipt } from "../../record/log/log-proof.ts";
import { acceptReproduction } from "../accept/accept-reproduction.ts";
import type { App } from "../variables.ts";
import { statementRoute } from "./write-route.ts";

export function reproductionRoutes(app: App): void {
  statementRoute(app, {
    path: "/v1/reproductions",
    summary: "Submit the envelope of a reproduction of an entry, with fresh runs of its own.",
    kind: "reproduction",
    accept: acceptReproduction,
    answer: Receipt,
  });
}
