/** @file What a page says while nothing newer can be had than it shows. */

import type { VNode } from "preact";
import { h } from "../../markup/element.ts";
import { notice } from "../../markup/notice.ts";
import type { Failure } from "../../data/api.ts";
import { plural } from "../../charts/numbers.ts";

export interface NoticeWords {
  kind: "offline" | "quiet";
  title: string | null;
  text: string;
}

export const NO_SERVER = "This copy stands without a server.";

const TITLES = {
  offline: "The server does not answer.",
  unserved: NO_SERVER,
  absent: "This server does not have what this page shows.",
};

/** @param rest what the page shows instead, and what it does next. */
export function failureWords(failure: Failure, rest: string): NoticeWords {
  const kind = "offline";
  if (failure.reason !== "refused") return { kind, title: TITLES[failure.reason], text: rest };
  const { title, detail } = failure.problem;
  return { kind, title, text: `${detail} ${rest}`.trim() };
}

/** @param hasRows does the page show any? @param seconds until the page asks again; Infinity: never. */
export function boardFailureWords(
  failure: Failure,
  hasRows: boolean,
  seconds: number,
): NoticeWords {
  if (seconds === Infinity)
    return { kind: "quiet", title: null, text: lastWords(failure, hasRows) };
  const shown = hasRows
    ? "You see what was known before."
    : "Nothing is known of this board here yet.";
  const when = seconds < 10 ? "every few seconds" : `in ${whole(seconds)}`;
  return failureWords(failure, `${shown} The page asks again ${when}.`);
}

const whole = (seconds: number) =>
  seconds < 100 ? plural(Math.ceil(seconds), "second") : plural(Math.ceil(seconds / 60), "minute");

function lastWords({ reason }: Failure, hasRows: boolean): string {
  const why = reason === "absent" ? "This server does not have this board" : NO_SERVER.slice(0, -1);
  return hasRows
    ? `${why}: you see what was known when it was built, and nothing newer is asked for.`
    : `${why}, and was built without its entries.`;
}

export const TOO_OLD: NoticeWords = {
  kind: "offline",
  title: "This page cannot show what the server sent.",
  text: "It may be older than the server: reload it. You see what was known before.",
};

export function serverNotice({ kind, title, text }: NoticeWords): VNode {
  if (title === null) return h("p", { class: "faint small", role: "status" }, text);
  return notice({ kind, title, announced: true }, text === "" ? null : h("p", {}, text));
}
