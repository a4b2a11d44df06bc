/** @file An error in one line of an operator's log. */

/** Drizzle's own message holds the query, which may hold anything: its cause says what happened. */
export function reported(error: unknown): string {
  const { cause } = Object(error) as { cause?: unknown };
  const said = cause instanceof Error ? cause : error;
  const text = said instanceof Error ? `${said.name}: ${said.message}` : String(said);
  return text.replaceAll("\n", " ");
}
