/** @file Every route that writes. */

import type { App } from "../variables.ts";
import { challengeWriteRoutes } from "./challenges-write.ts";
import { keyRoutes } from "./keys.ts";
import { moderationRoutes } from "./moderations.ts";
import { reproductionRoutes } from "./reproductions.ts";
import { resultRoutes } from "./results.ts";
import { retractionRoutes } from "./retractions.ts";

export function writeRoutes(app: App): void {
  keyRoutes(app);
  challengeWriteRoutes(app);
  resultRoutes(app);
  reproductionRoutes(app);
  retractionRoutes(app);
  moderationRoutes(app);
}
