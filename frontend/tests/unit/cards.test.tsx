// @vitest-environment jsdom
import { cleanup, render, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CardList } from '../../src/components/CardList';
import Table from '../../src/components/Table';

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

  it('is cards in a narrow window: what names the row as title, each value beside the name of its column, still a table', () => {
    narrow(true);
    render(<Table stickyHeader items={ROWS} columnDefinitions={COLUMNS} trackBy="id" ariaLabels={{ tableLabel: 'Groups' }} />);
    expect(within(row()).getByText('Databases').className).toBe('card-title');
    const label = within(row()).getByText('Servers');
    // read once: the head has it for those who do not see the card
    expect(label.getAttribute('aria-hidden')).toBe('true');
    expect(label.nextElementSibling?.textContent).toBe('3');
    expect(within(row()).queryByText('Actions')).toBeNull();
    within(row()).getByRole('button', { name: 'Menu' });
  });
});

describe('a list of cards', () => {
  it('looks the same, with the menu of the row beside its name', () => {
    render(<CardList items={ROWS} trackBy="id" columns={COLUMNS} display={COLUMNS.map(({ id }) => ({ id, visible: true }))} setOrder={null} />);
    expect(screen.getByText('Databases').nextElementSibling?.textContent).toBe('Menu');
    expect(screen.getByText('Servers').nextElementSibling?.textContent).toBe('3');
    expect(screen.queryByText('Actions')).toBeNull();
  });
});
