/** @file GET /problems/:name: what a refusal means, for people. */

import { z } from "zod";
import { PROBLEMS, type ProblemName } from "../../record/documents/problem-document.ts";
import { escapeMarkup } from "../read/markup.ts";
import { HTML, htmlPage } from "../read/html-page.ts";
import { found } from "../read/found.ts";
import { PROBLEM_ADVICE } from "../read/problem-advice.ts";
import { readRoute } from "../read/read-route.ts";

export const problems = readRoute({
  path: "/problems/{name}",
  tag: "server",
  summary: "What a problem's type means, and what to do about it",
  params: z.strictObject({ name: z.string().max(80) }),
  answers: { [HTML]: null },
  follows: "fixed",
  respond: ({ params }) => {
    const name = found(Object.hasOwn(PROBLEMS, params.name) ? params.name : null, "problem");
    return Promise.resolve({ type: HTML, body: problemPage(name as ProblemName) });
  },
});

function problemPage(name: ProblemName): string {
  const [status, title] = PROBLEMS[name];
  const others = Object.keys(PROBLEMS)
    .map((each) => `<li><a href="/problems/${each}">${each}</a></li>`)
    .join("");
  return htmlPage(
    `${name}: ${title}`,
    `<h1><code>${name}</code></h1>` +
      `<p>${escapeMarkup(title)} Status ${status}.</p>` +
      `<p>${escapeMarkup(PROBLEM_ADVICE[name])}</p>` +
      `<p>In the answer, <code>detail</code> says what happened this time; each of <code>errors</code> has a ` +
      `<code>pointer</code> (RFC 6901) to the place, the <code>rule</code> and what was <code>found</code> there.</p>` +
      `<h2>All problems</h2><ul>${others}</ul>`,
  );
}
