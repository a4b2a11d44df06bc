/** @file Means over seeds and how sure they are: schema and functions. */

export { Interval } from "./interval.ts";
export {
  halfWidth,
  mean,
  pairedInterval,
  tInterval,
  tQuantile,
  tTwoSided,
  variance,
} from "./t-interval.ts";
