/** @file Type-checked lint for the product and its tests; plain lint for the set-up. */

import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const MAX_LINES_OF_A_FILE = 500;

/** What plain Node offers the set-up without an import. */
const NODE_GLOBALS = Object.fromEntries(
  ["process", "console", "URL", "Buffer", "AbortController", "AbortSignal"]
    .concat(["setTimeout", "clearTimeout", "setInterval", "clearInterval"])
    .map((name) => [name, "readonly"]),
);

const everywhere = {
  eqeqeq: "error",
  "no-console": "error",
  "no-var": "error",
  "prefer-const": "error",
  "no-empty": "error",
  "no-fallthrough": "error",
  "no-unused-expressions": "error",
};

const unusedUnlessNamedSo = ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }];

export default defineConfig(
  globalIgnores(["node_modules/", "dist/", "runs/", ".rademark/", ".astro/"]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: "tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...everywhere,
      "@typescript-eslint/no-unused-vars": unusedUnlessNamedSo,
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["{record,harness,db,api,site,bench,replicate}/**/*.ts", "setup/**/*.mjs"],
    rules: {
      "max-lines": ["error", { max: MAX_LINES_OF_A_FILE }],
    },
  },
  {
    files: ["**/*.mjs", "*.js"],
    extends: [tseslint.configs.recommended],
    languageOptions: { globals: NODE_GLOBALS },
    rules: {
      ...everywhere,
      "no-undef": "error",
      "@typescript-eslint/no-unused-vars": unusedUnlessNamedSo,
    },
  },
);
