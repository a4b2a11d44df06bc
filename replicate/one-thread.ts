/** @file To be imported first: TensorFlow reads this when its library is loaded. With one thread sums have one order. */

process.env["TF_NUM_INTRAOP_THREADS"] = "1";
process.env["TF_NUM_INTEROP_THREADS"] = "1";
