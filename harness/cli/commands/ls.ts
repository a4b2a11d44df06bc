/** @file `rademark ls protocols|fields|archs|regs|datasets` */

import { ARCHITECTURES } from "../../../record/architecture.ts";
import { DATASETS, datasetLabel } from "../../../record/datasets.ts";
import { protocolFields } from "../../../record/protocol-fields.ts";
import { type Protocol, protocolId, protocols } from "../../../record/protocols.ts";
import { FIELDS } from "../../../record/regularizers.ts";
import { listNames } from "../../data/local/names.ts";
import type { Effects } from "../../effects.ts";
import { EXIT } from "../../errors.ts";
import { configFolder } from "../../listing/key-store.ts";
import { commonArguments, defineCommand, jsonArgument, oneOf } from "../command.ts";
import { chooseProtocol, protocolArguments } from "../training-arguments.ts";
import { formatCount } from "../../format.ts";
import { type Column, formatTable } from "../../terminal-table.ts";

/** One kind of thing: its rows as data, and as a table. */
interface Listing {
  columns: Column[];
  rows: { json: Record<string, unknown>; cells: string[] }[];
}

const left = (...titles: string[]): Column[] => titles.map((title) => ({ title, align: "left" }));
const right = (...titles: string[]): Column[] => titles.map((title) => ({ title, align: "right" }));

const OWN_FILE = {
  form: "./FILE.ts",
  example: "./my-net.ts",
  about: "a network of your own, from a file (docs/your-network.md)",
};

const listings = {
  protocols: (): Listing => ({
    columns: [
      ...left("protocol", "data set"),
      ...right("epochs", "batch", "headline n"),
      ...left("id"),
    ],
    rows: Object.values(protocols).map((protocol) => {
      const { name, epochs, batch, headline, panelSeeds } = protocol;
      const dataset = datasetLabel(protocol);
      const id = protocolId(protocol);
      return {
        json: { name, id, dataset, epochs, batch, headline, panelSeeds },
        cells: [name, dataset, String(epochs), String(batch), String(headline), id.slice(0, 12)],
      };
    }),
  }),
  fields: (protocol: Protocol): Listing => ({
    columns: left("field", protocol.name, "allowed"),
    rows: protocolFields(protocol).map(({ path, value, allowed }) => ({
      json: { path, value, allowed },
      cells: [path, typeof value === "string" ? value : JSON.stringify(value), allowed],
    })),
  }),
  archs: (): Listing => ({
    columns: left("form", "example", "what it is"),
    rows: [...ARCHITECTURES, OWN_FILE].map(({ form, example, about }) => ({
      json: { form, example, about },
      cells: [form, example, about],
    })),
  }),
  regs: (): Listing => ({
    columns: left("regularizer", "what it is"),
    rows: Object.values(FIELDS).map(({ form, about }) => ({
      json: { form, about },
      cells: [form, about],
    })),
  }),
  datasets: (_: Protocol, { env }: Pick<Effects, "env">): Listing => ({
    columns: [
      ...left("data set"),
      ...right("classes", "train", "test"),
      ...left("image", "digest"),
    ],
    rows: [...Object.entries(DATASETS), ...listNames(configFolder(env))].map(([name, data]) => {
      const { classes, trainSamples, testSamples, digests } = data;
      const image = "image" in data ? data.image : null;
      return {
        json: { name, classes, trainSamples, testSamples, image, digests },
        cells: [
          name,
          ...[classes, trainSamples, testSamples].map(formatCount),
          image === null ? "yours" : Object.values(image).join(" x "),
          digests.train?.slice(0, 12) ?? "-",
        ],
      };
    }),
  }),
};

const kind = oneOf("protocols", "fields", "archs", "regs", "datasets");

export const command = defineCommand({
  meta: {
    details:
      "fields are what `rademark run` can set: with what the protocol holds, and what it may hold there.",
    examples: [
      "rademark ls protocols",
      "rademark ls fields --protocol cifar10-1",
      "rademark ls regs --json",
    ],
  },
  args: {
    what: {
      summary: "protocols, fields, archs, regs or datasets",
      placeholder: "WHAT",
      positional: true,
      read: kind,
    },
    protocol: {
      ...protocolArguments.protocol,
      summary: "whose fields (default micro-1)",
      fallback: null,
    },
    json: jsonArgument,
    ...commonArguments,
  },
  run({ what, protocol, json }, { out, cwd, env }) {
    const chosen = chooseProtocol({ protocol: protocol ?? "micro-1", set: [] }, { cwd });
    const { columns, rows } = listings[what](chosen, { env });
    if (json) out(`${JSON.stringify({ [what]: rows.map((row) => row.json) }, null, 2)}\n`);
    else
      out(
        formatTable(
          columns,
          rows.map(({ cells }) => cells),
        ),
      );
    return Promise.resolve(EXIT.ok);
  },
});
