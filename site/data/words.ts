/** @file The field's words that pages use, each in a sentence: at its first use on a page, and all of them on the method page. */

import type { VNode } from "preact";
import { h } from "../markup/element.ts";

export const WORDS = {
  trunk: "The network without its last layer: what turns an image into features.",
  tap: "A place where the trunk's features are read, numbered from 1 in order of depth; the last one is what the class head reads.",
  head: "One linear layer that reads a tap and learns random labels while the network trains; its gradient never enters the network.",
  "random label":
    "A second label of a training image, drawn at random once: there is nothing to understand in it, only to memorize.",
  headline: "The size n of the label space whose numbers a protocol's board shows.",
  refit:
    "Ridge regression on frozen features, fitted to random labels after training: no optimizer, so it says what the features allow.",
  redraw: "Random labels drawn for refits alone, which no head ever met.",
  "frozen trunk":
    "The same network as it was before any training, with heads and refits of its own.",
  null: "How many random labels a refit gets right on points without structure: what width and number of images give by themselves.",
  panel: "Seeds that are public and the same for everybody, so that entries compare seed by seed.",
  fresh:
    "Seeds that the server draws only after a signed commitment to the configuration, so that nobody can pick the lucky ones.",
  declared: "Said by whoever ran it: it cannot be recomputed from the counts in a result.",
  tier: "Configurations whose ranks are the same interval, as tests tell them apart from the same others.",
  entry: "One signed result in the log: a configuration's runs under a protocol.",
  protocol:
    "A document that fixes everything that decides a run's numbers except architecture, regularizers and seed.",
  leaf: "One statement in the log, in its place for good: a key, a challenge, a result, a decision.",
  checkpoint:
    "A signed text that stands for the whole log: its name, its number of leaves, and the hash that depends on all of them.",
} as const;

export type Word = keyof typeof WORDS;

export const wordAnchor = (word: Word): string => `word-${word.replaceAll(" ", "-")}`;

/** A word where a page first uses it: a link to what it means, which is also said on hover. @param text in its form there. */
export function explained(word: Word, text: string = word): VNode {
  const href = `/method/#${wordAnchor(word)}`;
  return h("a", { class: "explained", href, title: WORDS[word] }, text);
}
