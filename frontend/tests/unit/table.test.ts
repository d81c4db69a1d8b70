import { describe, expect, it } from 'vitest';
import { tableCsv, type Column } from '../../src/components/DataTable';
import { columnDisplay, defaultPreferences, isTablePreferences } from '../../src/lib/columns';
import { byRank, pageOf, ranksOf, type SortKey } from '../../src/lib/rows';

const sortRows = <T>(rows: readonly T[], key: (row: T) => SortKey, descending: boolean) => byRank(rows, ranksOf(rows, key), descending);

describe('order of rows', () => {
  it('takes numbers as numbers, and those in names too', () => {
    expect(sortRows([10, 9, 100], (n) => n, false)).toEqual([9, 10, 100]);
    expect(sortRows(['web10', 'Web9', 'db'], (n) => n, true)).toEqual(['web10', 'Web9', 'db']);
  });

  it('leaves equal rows as they are, in both directions', () => {
    const rows = [{ k: 1, n: 'a' }, { k: 1, n: 'b' }, { k: 0, n: 'c' }];
    expect(sortRows(rows, (r) => r.k, false).map((r) => r.n)).toEqual(['c', 'a', 'b']);
    expect(sortRows(rows, (r) => r.k, true).map((r) => r.n)).toEqual(['a', 'b', 'c']);
  });

  it('asks for the key of a row once', () => {
    let asked = 0;
    sortRows(Array.from({ length: 1000 }, (_, i) => i), (n) => {
      asked++;
      return -n;
    }, false);
    expect(asked).toBe(1000);
  });
});

describe('pages of rows', () => {
  const rows = Array.from({ length: 51 }, (_, i) => i);

  it('are cut', () => {
    expect(pageOf(rows, 2, 25)).toEqual({ rows: rows.slice(25, 50), page: 2, pages: 3 });
    expect(pageOf(rows, 3, 25).rows).toEqual([50]);
  });

  it('are never beyond the last one, however few rows are left', () => {
    expect(pageOf(rows, 99, 25).page).toBe(3);
    expect(pageOf([], 4, 25)).toEqual({ rows: [], page: 1, pages: 1 });
    expect(pageOf(rows, -1, 25).page).toBe(1);
  });
});

describe('columns of a table', () => {
  const columns = [{ id: 'name', name: true }, { id: 'a' }, { id: 'b', optional: true }];

  it('are the usual ones until somebody chooses', () => {
    expect(columnDisplay(columns, [])).toEqual([{ id: 'name', visible: true }, { id: 'a', visible: true }, { id: 'b', visible: false }]);
  });

  it('keep the order of the user; new ones come last, gone ones are forgotten', () => {
    expect(columnDisplay(columns, [{ id: 'gone', visible: true }, { id: 'b', visible: true }, { id: 'name', visible: false }])).toEqual([
      { id: 'b', visible: true }, { id: 'name', visible: true }, { id: 'a', visible: true },
    ]);
  });

  it.each([null, [], {}, { ...defaultPreferences(), pageSize: 7 }, { ...defaultPreferences(), columns: ['a'] }, { ...defaultPreferences(), widths: { a: '1' } }])(
    'are not taken from %j',
    (value) => {
      expect(isTablePreferences(value)).toBe(false);
    },
  );

  it('come back as they were kept', () => {
    const kept = { ...defaultPreferences(), sort: { id: 'a', descending: true }, widths: { a: 120 }, columns: [{ id: 'a', visible: false }] };
    expect(isTablePreferences(JSON.parse(JSON.stringify(kept)))).toBe(true);
    expect(isTablePreferences(JSON.parse(JSON.stringify(defaultPreferences())))).toBe(true);
  });
});

describe('the file of a table', () => {
  it('has what the cell means, of all columns that have a value', () => {
    const columns: Column<{ n: string; at: number }>[] = [
      { id: 'n', header: 'Name', cell: () => null, sort: (r) => r.n },
      { id: 'at', header: 'Time', cell: () => null, sort: (r) => r.at, csv: (r) => new Date(r.at).toISOString() },
      { id: 'do', header: 'Buttons', cell: () => null },
    ];
    expect(tableCsv(columns, [{ n: '=1+1', at: 0 }])).toBe("Name,Time\r\n'=1+1,1970-01-01T00:00:00.000Z\r\n");
  });
});
