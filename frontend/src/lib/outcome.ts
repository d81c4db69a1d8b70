/** How many of the runs that ended by themselves were completed. */

const BY_THEMSELVES = new Set(['COMPLETED', 'PARTIAL', 'FAILED', 'ROLLED_BACK', 'TIMEOUT']);

/** In percent; null when none ended by itself. */
export function successRate(statuses: readonly (string | undefined)[]): number | null {
  const ended = statuses.filter((s) => s !== undefined && BY_THEMSELVES.has(s));
  return ended.length === 0 ? null : Math.round((ended.filter((s) => s === 'COMPLETED').length / ended.length) * 100);
}
