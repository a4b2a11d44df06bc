/** @file The papers whose measurement this is, and their authors' own code, as pages link to them and entries cite them. */

export const PAPERS = [
  {
    title: "Learned Random Label Predictions as a Neural Network Complexity Metric",
    authors: "Becker and Risse",
    year: 2024,
    where: "arXiv 2411.19640",
    href: "https://arxiv.org/abs/2411.19640",
    short: "Becker & Risse 2024, arXiv:2411.19640",
    bibtex: { type: "misc", key: "becker-risse-2024", author: "Becker and Risse" },
    /** Fields of the BibTeX entry besides author, title and year. */
    further: { eprint: "2411.19640", archiveprefix: "arXiv" },
  },
  {
    title: "Random Label Prediction Heads for Studying Memorization in Deep Neural Networks",
    authors: "Becker et al.",
    year: 2026,
    where: "ICLR 2026",
    href: "https://openreview.net/forum?id=qBknFL81JO",
    short: "Becker et al., ICLR 2026",
    bibtex: { type: "inproceedings", key: "becker-2026", author: "Becker and others" },
    further: { booktitle: "ICLR" },
  },
] as const;

export const AUTHORS_CODE = "https://github.com/MarlonBecker/RandomLabelHeads";
