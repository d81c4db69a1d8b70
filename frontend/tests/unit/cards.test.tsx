// @vitest-environment jsdom
import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import Table from '../../src/components/Table';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';

register({ ...texts, ...moreTexts }, icu);

const ROWS = [{ id: 'a', name: 'Databases', servers: 3 }];
const COLUMNS = [
  { id: 'actions', header: 'Actions', cell: () => <button type="button">Menu</button> },
  { id: 'servers', header: 'Servers', cell: (row: (typeof ROWS)[number]) => row.servers },
  { id: 'name', header: 'Name', isRowHeader: true, name: true, cell: (row: (typeof ROWS)[number]) => row.name },
];

function narrow(matches: boolean): void {
  vi.stubGlobal('matchMedia', () => ({ matches, addEventListener: () => undefined, removeEventListener: () => undefined }));
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('a table', () => {
  const row = () => within(screen.getByRole('table', { name: 'Groups' })).getByRole('row', { name: /Databases/ });

  it('has the name of each column in its head alone', () => {
    narrow(false);
    render(<Table items={ROWS} columnDefinitions={COLUMNS} trackBy="id" ariaLabels={{ tableLabel: 'Groups' }} />);
    expect(within(row()).queryByText('Servers')).toBeNull();
    expect(within(row()).getByText('3').className).toBe('cell');
  });

  it('wraps texts where the user wants that, and leaves columns of a chosen width alone', () => {
    narrow(false);
    render(<Table wrapLines items={ROWS} columnDefinitions={COLUMNS} trackBy="id" ariaLabels={{ tableLabel: 'Groups' }} />);
    expect(within(row()).getByText('3').className).not.toBe('cell');
  });

  it('is a list of cards in a narrow window: what names the row as title with the menu beside it, each value after the name of its column', () => {
    narrow(true);
    render(<Table stickyHeader items={ROWS} columnDefinitions={COLUMNS} trackBy="id" ariaLabels={{ tableLabel: 'Groups' }} />);
    expect(screen.queryByRole('table')).toBeNull();
    const card = within(within(screen.getByRole('list', { name: 'Groups' })).getByRole('listitem'));
    expect(card.getByText('Databases').nextElementSibling?.textContent).toBe('Menu');
    expect(card.getAllByRole('term').map((term) => [term.textContent, term.nextElementSibling?.textContent])).toEqual([['Servers', '3']]);
    expect(card.queryByText('Actions')).toBeNull();
  });

  it('shows on cards what the user wants to see, in that order', () => {
    narrow(true);
    render(
      <Table items={ROWS} columnDefinitions={COLUMNS} columnDisplay={[{ id: 'name', visible: true }, { id: 'servers', visible: false }, { id: 'actions', visible: true }]} trackBy="id" />,
    );
    screen.getByRole('button', { name: 'Menu' });
    expect(screen.queryByText('Servers')).toBeNull();
  });

  it('tells on cards that rows are on their way, then that there are none', () => {
    narrow(true);
    const { rerender } = render(<Table loading loadingText="Wait" empty="No groups" items={[]} columnDefinitions={COLUMNS} />);
    expect(screen.queryByText('No groups')).toBeNull();
    screen.getByText('Wait');
    rerender(<Table empty="No groups" items={[]} columnDefinitions={COLUMNS} />);
    screen.getByText('No groups');
    expect(screen.queryByText('Wait')).toBeNull();
  });

  it('keeps on cards what is selected elsewhere, and leaves alone what cannot be selected', async () => {
    narrow(true);
    const rows = [{ id: 'a', name: 'A', servers: 1 }, { id: 'b', name: 'B', servers: 2 }, { id: 'c', name: 'C', servers: 3 }];
    const other = { id: 'z', name: 'Z', servers: 9 };
    const seen: string[] = [];
    function Page() {
      const [selected, set] = useState([other]);
      return (
        <Table
          items={rows} columnDefinitions={COLUMNS} trackBy="id" selectionType="multi" selectedItems={selected} isItemDisabled={(r) => r.id === 'c'}
          onSelectionChange={({ detail }) => {
            set(detail.selectedItems);
            seen.push(detail.selectedItems.map((r) => r.id).join(''));
          }}
          ariaLabels={{ selectionGroupLabel: 'Groups', itemSelectionLabel: (_, r) => `Select ${r.name}` }}
        />
      );
    }
    const user = userEvent.setup();
    render(<Page />);
    const box = (name: string) => screen.getByRole<HTMLInputElement>('checkbox', { name });
    expect(box('Select C').disabled).toBe(true);
    await user.click(box('Select B'));
    expect(box('Select all').indeterminate).toBe(true);
    await user.click(box('Select all'));
    expect(box('Select all').checked).toBe(true);
    await user.click(box('Select A'));
    await user.click(box('Select all'));
    await user.click(box('Select all'));
    expect(seen).toEqual(['zb', 'zab', 'zb', 'zab', 'z']);
  });
});
