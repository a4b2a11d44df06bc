/** @file Where the four files of Fashion-MNIST lie. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { download } from "./download.ts";
import { readIdxFiles } from "./idx-files.ts";
import { debianPackage } from "./package-manager.ts";
import type { Source } from "./source.ts";

/** @param address the folder of the files on the web, without a slash at its end. */
export function idxAddress(address: string): Source {
  return {
    name: `official files ${address}`,
    obtain: ({ dataset, folder, signal, onProgress }) =>
      readIdxFiles(dataset, async (name) => {
        const path = join(folder, name);
        const label = `${dataset.name}: ${name}`;
        await download({ url: `${address}/${name}`, path, label, signal, onProgress });
        return readFile(path);
      }),
  };
}

/**
 * @param name of the Debian package.
 * @param path of the files' folder in it.
 * @param bytes size of the package, for the progress bar.
 */
export function idxDebianPackage(name: string, path: string, bytes: number): Source {
  return {
    name: `Debian package ${name}`,
    async obtain(request) {
      const root = await debianPackage(name, bytes, request);
      return readIdxFiles(request.dataset, (file) => readFile(join(root, path, file)));
    },
  };
}
