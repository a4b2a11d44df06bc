#!/usr/bin/env node
/** @file The bin entry. */

import { catchSystemErrors } from "../../setup/shared/system-error.mjs";
import { endsWithOutput } from "../ending.ts";
import { EXIT } from "../errors.ts";
import { realEffects } from "../effects.ts";
import { main } from "./main.ts";

catchSystemErrors("rademark: ", EXIT.runFailed, endsWithOutput);
Object.assign(process.env, realEffects.env); // so that child processes see paths as the person meant them
// Only this process needs the passphrase, and its effects keep it: child processes inherit the rest.
delete process.env.RADEMARK_PASSPHRASE;
process.exitCode = await main(process.argv.slice(2), realEffects);
