/** @file Imported first by every entry: ends with code 5 on a Node that cannot run the set-up. */

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  process.stderr.write(
    `Rademark needs Node 20 or newer; this is ${process.version}.\n` +
      "Install one (for instance: nvm install 24, or brew install node) and run the same command again.\n",
  );
  process.exit(5);
}
