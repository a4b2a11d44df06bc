/** @file Trains the first page's toy beside the page, and tells of each epoch. */

import { readToyData } from "../../data/toy/toy-data.ts";
import { trainedToy } from "../../data/toy/toy-training.ts";
import type { ToyMessage } from "./toy-messages.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<{ lambda: number }>) => void;
  postMessage(message: ToyMessage): void;
};

const IMAGES = new URL("../../data/toy/fashion-mnist-14.bin", import.meta.url);

async function train(lambda: number): Promise<void> {
  const answer = await fetch(IMAGES).catch(() => null);
  if (!answer?.ok) return scope.postMessage({ kind: "unfetched" });
  const unpacked = answer.body!.pipeThrough(new DecompressionStream("gzip"));
  const data = readToyData(await new Response(unpacked).arrayBuffer());
  for (const epoch of trainedToy(data, lambda)) scope.postMessage({ kind: "epoch", epoch });
  scope.postMessage({ kind: "end" });
}

scope.onmessage = ({ data }) => void train(data.lambda).catch(reportError); // so that the page hears of it
