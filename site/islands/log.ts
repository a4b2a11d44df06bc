/** @file The log as it is now: newest checkpoint, newest leaves, older ones on demand. */

import type { LogLeaf, LogPage } from "../../record/documents/log-document.ts";
import { leafTable } from "../components/base/log/leaf-table.ts";
import { plural } from "../lib/numbers.ts";
import { pageApi } from "../lib/page-api.ts";

const LIMIT = 100;

const element = (id: string) => document.getElementById(id)!;
const [older, filter] = ["log-older", "log-filter"].map((id) =>
  element(id).querySelector("button")!,
);
const place = element("log-leaves");
const builtSize = Number(place.dataset["built"]);

let leaves: LogLeaf[] = [];
let size = 0;
let next: number | null = null;

/** Entries accepted after the build have no page of their own yet. */
function entryAddress(id: string): string {
  const leaf = leaves.find(({ digest }) => digest === id);
  return leaf && leaf.index < builtSize ? `/entries/${id}/` : `/entries/?id=${id}`;
}

const isDecision = ({ kind }: LogLeaf) => kind === "moderation" || kind === "retraction";

function draw(): void {
  const onlyDecisions = filter!.getAttribute("aria-pressed") === "true";
  const shown = onlyDecisions ? leaves.filter(isDecision) : leaves;
  place.replaceChildren(leafTable(document, shown, entryAddress));
  place.hidden = size === 0;
  element("log-empty").hidden = size > 0;
  element("log-filter").hidden = size === 0;
  element("log-older").hidden = next === null;
  const inAll = `${plural(size, "leaf", "leaves")} in the log`;
  const ofThem = `${shown.length} of the newest ${leaves.length} shown`;
  element("log-size").textContent =
    size === leaves.length && !onlyDecisions ? `${inAll}.` : `${inAll}, ${ofThem}.`;
  element("log-size").hidden = size === 0;
}

function take(page: LogPage): void {
  leaves = [...leaves, ...page.leaves];
  ({ size, next } = page);
  draw();
}

async function load(before?: number): Promise<void> {
  const answer = await pageApi.log({ limit: LIMIT, before });
  element("log-offline").hidden = answer.ok;
  if (answer.ok) take(answer.value);
  else element("log-empty").hidden = true; // nobody knows whether it is
  if (before !== undefined)
    element("log-status").textContent = answer.ok ? "Older leaves were added." : "";
}

async function showNotes(): Promise<void> {
  const [checkpoint, key] = await Promise.all([pageApi.checkpoint(), pageApi.logKey()]);
  if (checkpoint.ok) {
    element("checkpoint-text").textContent = checkpoint.value;
    element("checkpoint-box").hidden = false;
    element("no-checkpoint").hidden = true;
  }
  if (key.ok) {
    element("log-key-text").textContent = key.value;
    element("log-key").hidden = false;
  }
}

older!.addEventListener("click", () => void load(next ?? undefined));
filter!.addEventListener("click", () => {
  filter!.setAttribute("aria-pressed", String(filter!.getAttribute("aria-pressed") !== "true"));
  draw();
});
void load();
void showNotes();
