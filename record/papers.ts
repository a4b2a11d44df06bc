/** @file The papers whose measurement this is, and their authors' own code, as pages link to them. */

export const PAPERS = [
  {
    title: "Learned Random Label Predictions as a Neural Network Complexity Metric",
    authors: "Becker and Risse",
    year: 2024,
    where: "arXiv 2411.19640",
    href: "https://arxiv.org/abs/2411.19640",
  },
  {
    title: "Random Label Prediction Heads for Studying Memorization in Deep Neural Networks",
    authors: "Becker et al.",
    year: 2026,
    where: "ICLR 2026",
    href: "https://openreview.net/forum?id=qBknFL81JO",
  },
] as const;

export const AUTHORS_CODE = "https://github.com/MarlonBecker/RandomLabelHeads";
