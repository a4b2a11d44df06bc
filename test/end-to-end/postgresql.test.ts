import { homes } from "../homes/homes.ts";
import { wholeSuite } from "./whole-suite.ts";

wholeSuite(homes[1]!, "standIn");
