import { homes } from "../homes/homes.ts";
import { wholeSuite } from "./whole-suite.ts";

wholeSuite(homes[2]!, "standIn");
