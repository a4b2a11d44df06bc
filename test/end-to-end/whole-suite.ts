/** @file The whole life of an entry, and those who would spoil it, on one deployment. */

import { afterAll, beforeAll, describe } from "vitest";
import type { TestedDeployment } from "../world/deployments.ts";
import { crowdIsServed } from "./crowd.ts";
import { entryIsModerated, entryIsRetracted, entryOutlivesItsServer } from "./end-of-an-entry.ts";
import { entryIsBorn } from "./life-of-an-entry.ts";
import { setStage, type Stage } from "./stage.ts";
import { tamperingIsRefused } from "./tampering.ts";

/** Each test goes on where the one before it stopped. */
export function wholeSuite(deployment: TestedDeployment, training: "real" | "standIn"): void {
  const how = training === "real" ? "real training" : "a stand-in for training";
  describe(`on ${deployment.name}, with ${how}`, () => {
    let current: Stage;
    const stage = () => current;
    beforeAll(async () => void (current = await setStage(deployment, training)));
    afterAll(() => current?.end());

    describe("an entry", () => entryIsBorn(stage, training === "real"));
    describe("its moderation", () => entryIsModerated(stage));
    describe("a crowd", () => crowdIsServed(stage));
    describe("refused with a problem of its own, and nothing stored:", () =>
      tamperingIsRefused(stage));
    describe("its end", () => {
      entryIsRetracted(stage);
      entryOutlivesItsServer(stage);
    });
  });
}
