/** Where the explanation is of a tool, and of a person other than oneself. */
export function explainAddress({ tool, person }: { tool?: string; person?: string }): string {
  const query = new URLSearchParams({ ...(person ? { person } : {}), ...(tool ? { tool } : {}) });
  return `#/explain?${query.toString()}`;
}
