/** @file Everything below the path that a report is asked for. */

import { basename, resolve } from "node:path";
import type { Protocol } from "../../record/protocol.ts";
import { EXIT, UserError } from "../errors.ts";
import { openFolders } from "../sweep/sweep-folder.ts";
import { type Trained, readTrained } from "./trained.ts";

export interface Study {
  /** The folder's own name, without where it lies. */
  name: string;
  protocol: Protocol;
  protocolId: string;
  configurations: Trained[];
}

/** @throws UserError for a path that is no output folder, for damage, and for a mixture of protocols. */
export function readStudy(path: string): Study {
  const configurations = openFolders(path).map(readTrained);
  const [first] = configurations;
  if (!first) throw new UserError(`${path} holds no configuration.`);
  const { protocol, configuration } = first.folder;
  const stranger = configurations.find(
    ({ folder }) => folder.configuration.protocolId !== configuration.protocolId,
  );
  if (stranger)
    throw new UserError(
      `${stranger.folder.path} follows another protocol than ${first.folder.path}: their numbers cannot stand side by side.`,
      EXIT.verification,
    );
  const { protocolId } = configuration;
  return { name: basename(resolve(path)), protocol, protocolId, configurations };
}
