/** Tags as texts, for files and for finding. */
export function tagTexts(tags: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(tags).map(([key, value]) => `${key}=${value}`);
}
