/** @file Which addresses are the API's; all others are files of the site. As in `wrangler.toml`. */

export const API_PATHS = ["/v1", "/v1/*", "/openapi.json", "/docs", "/problems/*"] as const;

export function isApiPath(path: string): boolean {
  return API_PATHS.some((each) =>
    each.endsWith("*") ? path.startsWith(each.slice(0, -1)) : path === each,
  );
}
