/** @file The toy of the first page: a worker trains at the slider's lambda, the page draws as it learns. */

import { LAMBDAS, toldRun, toyCurves, toyRuns } from "../components/landing/toy.ts";
import type { ToyEpoch } from "../data/toy/toy-training.ts";
import { show } from "./show.ts";
import type { ToyMessage } from "./toy/toy-messages.ts";

const UNFETCHED = "The images could not be fetched. Train again when there is a connection.";
const FAILED = "The training could not start in this browser.";

class ToyPage {
  readonly #root: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #button: HTMLButtonElement;
  /** Trainings that ended, by lambda. */
  readonly #runs = new Map<number, readonly ToyEpoch[]>();
  /** The training before: its curves stay, faint, behind those of the next. */
  #before: { lambda: number; epochs: readonly ToyEpoch[] } | null = null;
  #worker: Worker | null = null;
  /** Of the next frame, which draws what has come until then. */
  #frame = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#slider = root.querySelector("input")!;
    this.#button = root.querySelector("button")!;
    this.#slider.addEventListener("input", () => this.#showLambda());
    this.#slider.addEventListener("change", () => this.#train());
    this.#button.addEventListener("click", () => {
      if (this.#worker === null) this.#train();
      else this.#stop();
    });
    this.#showLambda(); // a browser may have kept the slider's place
  }

  get #lambda(): number {
    return LAMBDAS[Number(this.#slider.value)]!;
  }

  #showLambda(): void {
    const text = String(this.#lambda);
    this.#slider.setAttribute("aria-valuetext", text);
    this.#root.querySelector(".value")!.textContent = text;
  }

  /** In place of a training that has not ended. */
  #train(): void {
    this.#stop();
    const lambda = this.#lambda;
    const epochs: ToyEpoch[] = [];
    const worker = new Worker(new URL("./toy/toy-worker.ts", import.meta.url), { type: "module" });
    worker.onerror = () => this.#fail(FAILED);
    worker.onmessage = ({ data }: MessageEvent<ToyMessage>) => {
      if (data.kind === "unfetched") return this.#fail(UNFETCHED);
      if (data.kind === "end") return this.#end(lambda, epochs);
      epochs.push(data.epoch);
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => this.#draw(lambda, epochs));
    };
    worker.postMessage({ lambda });
    this.#worker = worker;
    this.#button.textContent = "Stop";
  }

  #draw(lambda: number, epochs: readonly ToyEpoch[]): void {
    const before = this.#before?.lambda === lambda ? null : this.#before;
    show(toyCurves(epochs, before?.epochs ?? null), this.#place("curves"));
  }

  #end(lambda: number, epochs: readonly ToyEpoch[]): void {
    this.#stop();
    this.#draw(lambda, epochs);
    this.#runs.set(lambda, epochs);
    this.#before = { lambda, epochs };
    show(toyRuns(this.#runs), this.#place("runs"));
    show(toldRun(lambda, epochs.at(-1)!), this.#place("told"));
  }

  #fail(fault: string): void {
    this.#stop();
    show(toyRuns(this.#runs, fault), this.#place("runs"));
    show(fault, this.#place("told"));
  }

  #stop(): void {
    this.#worker?.terminate();
    cancelAnimationFrame(this.#frame);
    this.#worker = null;
    this.#button.textContent = "Train";
  }

  #place(name: string): HTMLElement {
    return this.#root.querySelector<HTMLElement>(`[data-${name}]`)!;
  }
}

const root = document.querySelector<HTMLElement>("section.toy");
if (root !== null) new ToyPage(root);
