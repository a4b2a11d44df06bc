import { deployments } from "../world/deployments.ts";
import { wholeSuite } from "./whole-suite.ts";

wholeSuite(deployments[2]!, "standIn");
