/** @file Brings an entry's page to life: draws one that is newer than the build, and checks it on request. */

import { entryWords } from "../../record/board/entry-words.ts";
import type { Answer } from "../lib/answer.ts";
import { pageApi } from "../lib/page-api.ts";
import type { EntryModel } from "../view/entry/entry-model.ts";
import { offerCheck } from "./entry/entry-check.ts";
import { unfoldEnvelope } from "./entry/whole-envelope.ts";
import { missingEntry } from "./entry/missing-entry.ts";
import { nameOrigin } from "./origin.ts";
import { showTips } from "./tips.ts";

const ABSENT = { ok: false, reason: "absent" } as const;

async function run(): Promise<void> {
  const shell = document.querySelector<HTMLElement>("[data-entry-page]");
  if (shell !== null) await fill(shell);
  const entry = document.querySelector<HTMLElement>("article[data-entry]");
  if (entry === null) return;
  showTips(entry);
  nameOrigin();
  offerCheck(entry);
  unfoldEnvelope(entry);
}

async function fill(shell: HTMLElement): Promise<void> {
  const [, own] = /^\/entries\/([0-9a-f]{64})\/?$/.exec(location.pathname) ?? [];
  const id = own ?? new URLSearchParams(location.search).get("id") ?? "";
  const isId = /^[0-9a-f]{64}$/.test(id);
  if (!isId) return shell.replaceChildren(missingEntry(document, id, ABSENT));
  const drawing = import("../components/entry/entry-section.ts"); // on its way while the entry is
  const answer = await fetchEntry(id);
  if (!answer.ok) return shell.replaceChildren(missingEntry(document, id, answer));
  const { entrySection } = await drawing;
  shell.replaceChildren(entrySection(document, answer.value, ["Drawn when it comes into view."]));
  drawLate(shell, answer.value);
  const { row, protocol } = answer.value.entry;
  document.title = `${entryWords(row, protocol.name).title} · Rademark`;
}

/** The chart library weighs more than all the rest, and its charts stand far below. */
function drawLate(shell: HTMLElement, model: EntryModel): void {
  const place = shell.querySelector('[data-part="charts"]')!;
  const observer = new IntersectionObserver(
    ([seen]) => {
      if (!seen!.isIntersecting) return;
      observer.disconnect();
      void import("../components/entry/entry-figures.ts").then(({ entryFigures }) =>
        place.replaceChildren(entryFigures(document, model)),
      );
    },
    { rootMargin: "400px" },
  );
  observer.observe(place);
}

async function fetchEntry(id: string): Promise<Answer<EntryModel>> {
  const [entry, runs, envelope, proof] = await Promise.all([
    pageApi.entry(id),
    pageApi.runs(id),
    pageApi.envelope(id),
    pageApi.proof(id),
  ]);
  if (!entry.ok) return entry;
  const orNull = <T>(each: Answer<T>): T | null => (each.ok ? each.value : null);
  return {
    ok: true,
    value: {
      entry: entry.value,
      runs: orNull(runs),
      envelope: orNull(envelope),
      proof: orNull(proof),
    },
  };
}

void run();
