const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** "450 GiB": the unit in which it has one to three digits before the point. */
export function formatBytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value) || value < 0) {
    return '–';
  }
  const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10));
  const number = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 }).format(value / 1024 ** power);
  return `${number} ${UNITS[power] ?? ''}`;
}
