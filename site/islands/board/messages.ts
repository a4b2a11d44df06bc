/** @file What the page says of itself: heard, seen for a few seconds, or standing there until it is over. */

import { type NoticeWords, serverNotice } from "../../components/board/server-notice.ts";
import { replacePart } from "./board-screen.ts";

const SEEN_MS = 6000;

/** For those who hear the page; others see the change itself. */
export function say(root: Element, text: string): void {
  root.querySelector("[data-live]")!.textContent = text;
}

let timer = 0;

/** What an action did, or why it did nothing: seen and heard. */
export function tell(root: Element, text: string): void {
  const place = root.querySelector("[data-toast]")!;
  place.textContent = text;
  clearTimeout(timer);
  timer = window.setTimeout(() => (place.textContent = ""), SEEN_MS);
}

const shown = new WeakMap<Element, string>();

/** Drawn anew only when it says something else, as each drawing is read out. @param words null for nothing amiss. */
export function showNotice(root: Element, words: NoticeWords | null): void {
  const key = words === null ? "" : JSON.stringify(words);
  if (key === (shown.get(root) ?? "")) return;
  shown.set(root, key);
  replacePart(root, "notice", words === null ? null : serverNotice(document, words));
}
