/** @file How far a build is: a line that is drawn again at a terminal, one every ten seconds in a log. */

import type { AstroIntegration, AstroPrerenderer } from "astro";
import { count, duration, plural } from "../charts/numbers.ts";

export type Stream = Pick<NodeJS.WriteStream, "write" | "isTTY">;

const [REDRAW_MS, LINE_MS] = [200, 10_000];

/** Astro's own line for each page would be thousands. */
export function buildProgress(stream: Stream = process.stderr): AstroIntegration {
  return {
    name: "rademark:progress",
    hooks: {
      "astro:build:start": ({ setPrerenderer }) =>
        setPrerenderer((usual) => counted(usual, pageProgress(stream))),
    },
  };
}

export interface PageProgress {
  begin(pages: number): void;
  page(): void;
  end(): void;
}

function counted(usual: AstroPrerenderer, progress: PageProgress): AstroPrerenderer {
  return {
    ...usual,
    getStaticPaths: async () => {
      const paths = await usual.getStaticPaths();
      progress.begin(paths.length);
      return paths;
    },
    render: async (...asked) => {
      const page = await usual.render(...asked);
      progress.page();
      return page;
    },
    teardown: async () => {
      progress.end();
      await usual.teardown?.();
    },
  };
}

/** @param now milliseconds. */
export function pageProgress(stream: Stream, now: () => number = Date.now): PageProgress {
  let [pages, done, begun, said] = [0, 0, 0, 0];
  const say = (text: string) => stream.write(stream.isTTY ? `\r\u001b[2K${text}` : `${text}\n`);
  return {
    begin: (all) => {
      pages = all;
      begun = said = now();
    },
    page: () => {
      done++;
      if (now() - said < (stream.isTTY ? REDRAW_MS : LINE_MS)) return;
      said = now();
      say(words(done, pages, (said - begun) / 1000));
    },
    end: () => {
      say(`${plural(done, "page")} of the site in ${duration((now() - begun) / 1000)}`);
      if (stream.isTTY) stream.write("\n");
    },
  };
}

function words(done: number, pages: number, seconds: number): string {
  const rate = done / seconds;
  const share = Math.floor((100 * done) / pages);
  const left = duration((pages - done) / rate);
  return `${count(done)} of ${plural(pages, "page")} (${share} %), ${rate.toFixed(1)} a second, ${left} left`;
}
