/** @file The findings as pages read them, checked once. */

import { Findings } from "../../record/replication/findings.ts";
import file from "../../record/replication/findings.json" with { type: "json" };

export const findings: Findings = Findings.parse(file);
