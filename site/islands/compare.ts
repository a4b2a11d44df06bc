/** @file Fetches the comparison that the address asks for. */

import type { VNode } from "preact";
import type { ComparisonDocument } from "../../record/answers/documents.ts";
import { MOST_COMPARED } from "../../record/most-compared.ts";
import { NO_SERVER } from "../components/board/server-notice.ts";
import { type Answer, type Failure, pageApi } from "../data/api.ts";
import type { OfferedGroup } from "../components/compare/offered-pairs.ts";
import type { EntryHome, EntryModel } from "../data/entry-model.ts";
import { h } from "../markup/element.ts";
import { notice } from "../markup/notice.ts";
import { showTips } from "./tips.ts";
import { show } from "./show.ts";

const DIGEST = /^[0-9a-f]{64}$/;

async function run(page: HTMLElement): Promise<void> {
  const asked = (new URLSearchParams(location.search).get("entries") ?? "").split(",");
  const known = [...new Set(asked.filter((id) => DIGEST.test(id)))];
  const entries = known.slice(0, MOST_COMPARED);
  if (entries.length < 2) return offer(page);
  page.querySelector("[data-offered]")?.remove();
  page.querySelector(".notice .title")!.textContent = "Comparing…";
  const drawing = import("../components/compare/compare-section.ts"); // on its way while the numbers are
  const answer = await comparison(entries);
  if (!answer.ok) return show(failed(answer), page);
  const { comparison: document, homes, drawables } = answer.value;
  const { compareSection, letter } = await drawing;
  const overlays = h("p", { class: "late faint" }, "Drawn when it comes into view.");
  const left = known.length - entries.length;
  show(compareSection(document, { homes, overlays, left }), page);
  showTips(page);
  const place = page.querySelector('[data-part="overlays"]')!;
  whenSeen(place, async () => {
    const [all, { overlaysFigure }, { entryCurves, entryDepth }] = await Promise.all([
      drawables(),
      import("../charts/overlays.ts"),
      import("../components/entry/entry-figures.ts"),
    ]);
    const rows = document.rows.map(({ arch, regs }, i) => {
      const model = all[i] ?? null;
      const curves = model && entryCurves(model);
      const depth = model && entryDepth(model);
      return { letter: letter(i), arch, regs, curves, depth };
    });
    show(overlaysFigure(rows) ?? h("p", { class: "faint" }, "No run finished an epoch."), place);
  });
}

/** Once, when it comes into view. */
function whenSeen(place: Element, act: () => Promise<void>): void {
  let isDone = false;
  const once = () => {
    if (isDone) return;
    isDone = true;
    observer.disconnect();
    void act();
  };
  const observer = new IntersectionObserver(([seen]) => {
    if (seen!.isIntersecting) once();
  });
  observer.observe(place);
  addEventListener("beforeprint", once); // too late for this sheet, in time for the next
}

type Drawable = Pick<EntryModel, "entry" | "runs"> | null;

interface Compared {
  comparison: ComparisonDocument;
  homes: EntryHome[];
  /** What its pictures are drawn from, null for what cannot be had. */
  drawables: () => Promise<Drawable[]>;
}

/** By the server; where there is none, or does not have them, by this page. */
async function comparison(entries: readonly string[]): Promise<Answer<Compared>> {
  const answer = await pageApi.comparison(entries);
  if (answer.ok) {
    const drawables = () => Promise.all(entries.map(drawable));
    return { ok: true, value: { comparison: answer.value, homes: [], drawables } };
  }
  if (answer.reason !== "unserved" && answer.reason !== "absent") return answer;
  const { comparedHere } = await import("./compare/compared-here.ts");
  const here = await comparedHere(entries);
  if (!here.ok) return here;
  const { drawables, ...rest } = here.value;
  return { ok: true, value: { ...rest, drawables: () => Promise.resolve(drawables) } };
}

async function drawable(id: string): Promise<Drawable> {
  const [entry, runs] = await Promise.all([pageApi.entry(id), pageApi.runs(id)]);
  return entry.ok ? { entry: entry.value, runs: runs.ok ? runs.value : null } : null;
}

/** Pairs of entries that are newer than the build; what was built is offered until then, and where no server answers. */
async function offer(page: HTMLElement): Promise<void> {
  const place = page.querySelector<HTMLElement>("[data-offered]");
  if (place === null) return;
  const built = JSON.parse(place.dataset["offered"]!) as {
    reference: OfferedGroup[];
    boards: string[];
  };
  const [{ offeredPairs }, { comparePairs }] = await Promise.all([
    import("../components/compare/offered-pairs.ts"),
    import("../data/compare-pairs.ts"),
  ]);
  const answers = await Promise.all(
    built.boards.map((name) => pageApi.board(name, { limit: 200 })),
  );
  const boards = answers.flatMap((answer, i): OfferedGroup[] =>
    answer.ok ? [{ title: built.boards[i]!, pairs: comparePairs(answer.value.rows) }] : [],
  );
  const known = new Set(boards.flatMap(({ pairs }) => pairs.map(({ none }) => none)));
  // a log that was seeded from the reference has its entries
  const apart = built.reference.filter(({ pairs }) => pairs.every(({ none }) => !known.has(none)));
  const offered = offeredPairs([...boards, ...apart]);
  if (boards.some(({ pairs }) => pairs.length > 0)) show(offered, place);
}

const WORDS = {
  absent: ["empty", "One of these entries is not here.", "Its address may be mistyped."],
  offline: ["offline", "The server does not answer.", "Reload this page in a moment."],
  unserved: [
    "offline",
    NO_SERVER,
    "It has the entries that were there when it was built, if it was built from a dump.",
  ],
} as const;

function failed(answer: Failure): VNode {
  const [kind, title, text] =
    answer.reason === "refused"
      ? (["error", answer.problem.title, answer.problem.detail] as const)
      : WORDS[answer.reason];
  return h(
    "div",
    {},
    h("h1", {}, "Compare entries"),
    notice(
      { kind, title, announced: true },
      h("p", {}, text, " ", h("a", { href: "/boards/micro-1/" }, "To the boards")),
    ),
  );
}

const page = document.querySelector<HTMLElement>("[data-compare-page]");
if (page !== null) void run(page);
