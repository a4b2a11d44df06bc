/** @file Draws the small multiples anew when the board has grown since the build. */

import { NO_ARROWS, nothingYet } from "../components/charts/nothing-yet.ts";
import { redrawGrown } from "./grown-board.ts";

const place = document.querySelector<HTMLElement>("[data-multiples]");
if (place !== null)
  void redrawGrown(place, nothingYet(...NO_ARROWS), async (rows) => {
    const { multiples } = await import("../components/charts/multiples.ts");
    return multiples(rows) ?? nothingYet(...NO_ARROWS);
  });
