// @vitest-environment jsdom
import { act, cleanup, renderHook, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataTable, type Column } from '../../src/components/DataTable';
import { useNow } from '../../src/components/Time';
import { useSame } from '../../src/lib/same';
import { answer, show } from './page';

interface Row {
  id: string;
  lag: number;
}

const ROWS: Row[] = Array.from({ length: 30 }, (_, i) => ({ id: `row-${String(i).padStart(2, '0')}`, lag: i }));

let drawn: string[] = [];

const COLUMNS: Column<Row>[] = [
  { id: 'id', header: 'Name', name: true, sort: (r) => r.id, cell: (r) => r.id },
  {
    id: 'lag',
    header: 'Lag',
    sort: (r) => r.lag,
    cell: (r) => {
      drawn.push(r.id);
      return <b>{r.lag}</b>;
    },
  },
];

function Page() {
  const [rows, setRows] = useState(ROWS);
  const [selected, set] = useState<readonly Row[]>([]);
  return (
    <>
      <button onClick={() => {
        setRows(ROWS.map((r) => (r.id === 'row-07' ? { ...r, lag: 700 } : r)));
      }}>
        Renew
      </button>
      <DataTable
        id="rows" title="Rows" items={rows} columns={COLUMNS} rowKey={(r) => r.id} text={(r) => r.id} loading={false} empty="none"
        variant="container" sort={{ id: 'id', descending: false }} selection={{ selected, set }}
      />
    </>
  );
}

const names = () => within(screen.getByRole('table')).getAllByRole('rowheader').map((cell) => cell.textContent);

beforeEach(() => {
  localStorage.clear();
  answer({});
  drawn = [];
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a list in the browser', () => {
  it('makes each cell once, whatever else of the table changes', async () => {
    show(<Page />);
    await waitFor(() => {
      expect(names()).toHaveLength(25);
    });
    expect([...new Set(drawn)]).toEqual(ROWS.slice(0, 25).map((r) => r.id));
    drawn = [];
    await userEvent.click(screen.getByRole('checkbox', { name: 'row-03' }));
    await waitFor(() => {
      expect(screen.getByRole<HTMLInputElement>('checkbox', { name: 'row-03' }).checked).toBe(true);
    });
    expect(drawn).toEqual([]);
  });

  it('makes the cells of a row that is another one again, and shows what it says', async () => {
    show(<Page />);
    await waitFor(() => {
      expect(names()).toHaveLength(25);
    });
    drawn = [];
    await userEvent.click(screen.getByRole('button', { name: 'Renew' }));
    expect(await screen.findByText('700')).toBeTruthy();
    expect([...new Set(drawn)]).toEqual(['row-07']);
  });

  it('is turned round, head and rows', async () => {
    show(<Page />);
    await waitFor(() => {
      expect(names()[0]).toBe('row-00');
    });
    const head = () => screen.getAllByRole('columnheader', { name: /^Name/ })[0];
    expect(head()?.getAttribute('aria-sort')).toBe('ascending');
    await userEvent.click(within(head() as HTMLElement).getByRole('button', { name: /^Name/ }));
    await waitFor(() => {
      expect([names()[0], head()?.getAttribute('aria-sort')]).toEqual(['row-29', 'descending']);
    });
  });
});

describe('what is made of many rows', () => {
  it('is the same as long as each of them is', () => {
    const [a, b] = [{}, {}];
    const { result, rerender } = renderHook(({ list }) => useSame(list), { initialProps: { list: [a, b] } });
    const first = result.current;
    rerender({ list: [a, b] });
    expect(result.current).toBe(first);
    rerender({ list: [b, a] });
    expect(result.current).toEqual([b, a]);
    rerender({ list: [b] });
    expect(result.current).toEqual([b]);
  });
});

describe('clocks', () => {
  it('tick together, and stop when the last one is gone', () => {
    vi.useFakeTimers({ now: 1_000_000 });
    let drawings = 0;
    const both = renderHook(() => {
      drawings++;
      return [useNow(1000), useNow(1000)];
    });
    const other = renderHook(() => useNow(1000));
    drawings = 0;
    act(() => {
      vi.advanceTimersByTime(1000);
    });
    expect([both.result.current, other.result.current, drawings, vi.getTimerCount()]).toEqual([[1_001_000, 1_001_000], 1_001_000, 1, 1]);
    both.unmount();
    expect(vi.getTimerCount()).toBe(1);
    other.unmount();
    expect(vi.getTimerCount()).toBe(0);
  });
});
