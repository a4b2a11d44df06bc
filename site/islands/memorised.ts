/** @file Moves the first page's run to the epoch of its slider, or plays it from the start. */

import { knownMark, memorisedShares } from "../components/landing/memorised.ts";
import type { MemorisedRun } from "../data/memorised-run.ts";
import { show } from "./show.ts";

/** Of one epoch while the run is played: four seconds in all. */
const MILLISECONDS = 130;

function listen(root: HTMLElement): void {
  const run = JSON.parse(root.dataset["run"]!) as MemorisedRun;
  const slider = root.querySelector<HTMLInputElement>("input[type=range]")!;
  const play = root.querySelector<HTMLButtonElement>("[data-play]")!;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "Play";
  };
  const move = (epoch: number) => {
    slider.value = String(epoch);
    showEpoch(root, run, epoch);
    if (epoch === run.epochs.length - 1) stop();
  };
  slider.addEventListener("input", () => {
    stop();
    move(Number(slider.value));
  });
  play.addEventListener("click", () => {
    if (timer !== undefined) return stop();
    play.textContent = "Stop";
    move(0);
    timer = setInterval(() => move(Number(slider.value) + 1), MILLISECONDS);
  });
}

function showEpoch(root: HTMLElement, run: MemorisedRun, epoch: number): void {
  const last = run.epochs.length - 1;
  root.querySelector("input[type=range]")!.setAttribute("aria-valuetext", `${epoch} of ${last}`);
  root.querySelector(".value")!.textContent = String(epoch);
  for (const place of root.querySelectorAll<HTMLElement>("[data-known]"))
    show(knownMark(run.epochs[epoch]!.known[Number(place.dataset["known"])] === 1), place);
  show(memorisedShares(run, epoch), root.querySelector<HTMLElement>("[data-shares]")!);
}

const root = document.querySelector<HTMLElement>(".memorised[data-run]");
if (root !== null) listen(root);
