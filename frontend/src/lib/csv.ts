/** Files for spreadsheets and scripts. */

/** A cell that no spreadsheet takes for a formula. */
export function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function csv(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return [header, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
}

export function download(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.rel = 'noopener';
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

/**
 * Rows of a table in CSV, as spreadsheets write it: the separator is that of
 * the first line, cells may be quoted, and the mark that keeps a cell from
 * being a formula is taken off.
 */
export function parseCsv(text: string): string[][] {
  const source = text.replace(/^\uFEFF/, '');
  const first = source.split(/\r?\n/, 1)[0] ?? '';
  const separator = [',', ';', '\t'].reduce((best, c) => (first.split(c).length > first.split(best).length ? c : best));
  const rows: string[][] = [];
  let row: string[] = [];
  let value = '';
  let quoted = false;
  const endCell = () => {
    row.push(value.replace(/^'(?=[=+\-@\t\r])/, ''));
    value = '';
  };
  const endRow = () => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let i = 0; i < source.length; i++) {
    const c = source[i] ?? '';
    if (quoted) {
      if (c !== '"') {
        value += c;
      } else if (source[i + 1] === '"') {
        value += c;
        i++;
      } else {
        quoted = false;
      }
    } else if (c === '"' && value === '') {
      quoted = true;
    } else if (c === separator) {
      endCell();
    } else if (c === '\n') {
      endRow();
    } else if (c !== '\r') {
      value += c;
    }
  }
  if (value !== '' || row.length > 0) {
    endRow();
  }
  return rows;
}
