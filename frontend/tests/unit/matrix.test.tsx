// Servers at a glance (ui.md J4), and what is told to those who do not see the page (2.9).
import { act, cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Announce } from '../../src/components/Announce';
import Matrix from '../../src/execution/Matrix';
import { cellKind, countsOf, KINDS, vertical } from '../../src/execution/matrix';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { runsTexts } from '../../src/i18n/runs.en';
import { register } from '../../src/i18n/t';
import { answer, show } from './page';

register({ ...texts, ...runsTexts }, icu);

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const wave = (waveNumber: number, more: object = {}) => ({
  waveNumber, waveName: `Tier ${String(waveNumber)}`, status: 'PENDING' as const, protectionGroupIds: [], dependsOnWaves: [], pauseBeforeWave: false, totalServers: 2, ...more,
});
const server = (n: number, launchStatus: string, phase?: string) => ({
  sourceServerId: `s-${String(n)}`, serverId: `s-${String(n)}`, serverName: `web-${String(n)}`, status: launchStatus, launchStatus, waveNumber: 0, region: 'eu-central-1',
  ...(phase === undefined ? {} : { phase }),
});

describe('cells of servers', () => {
  it.each([
    ['PENDING', undefined, 'waiting'], ['IN_PROGRESS', undefined, 'queue'], ['IN_PROGRESS', 'CLEANUP', 'cleanup'], ['IN_PROGRESS', 'SNAPSHOT', 'snapshot'],
    ['IN_PROGRESS', 'CONVERSION', 'conversion'], ['IN_PROGRESS', 'LAUNCH', 'launch'], ['LAUNCHED', 'LAUNCH', 'done'], ['FAILED', 'CONVERSION', 'failed'],
    ['CANCELLED', undefined, 'cancelled'], ['SOMETHING_NEW', undefined, 'waiting'],
  ] as const)('%s in phase %s is %s', (launchStatus, phase, kind) => {
    expect(cellKind(server(1, launchStatus, phase) as Parameters<typeof cellKind>[0])).toBe(kind);
  });

  it('have a letter each that no other has: colour is not all', () => {
    const letters = KINDS.map((kind) => runsTexts[`matrix.letter.${kind}`]);
    expect(new Set(letters).size).toBe(KINDS.length);
  });

  it('are counted in the order of the phases', () => {
    const cells = (['failed', 'done', 'snapshot', 'done'] as const).map((kind, i) => ({ id: String(i), name: '', kind }));
    expect(countsOf(cells)).toEqual([{ kind: 'snapshot', count: 1 }, { kind: 'done', count: 2 }, { kind: 'failed', count: 1 }]);
  });

  it('are reached up and down through lines of other lengths', () => {
    const spots = [[0, 0], [0, 30], [0, 60], [30, 0], [70, 0], [70, 30]].map(([top = 0, left = 0]) => ({ top, left }));
    expect([vertical(spots, 2, 1), vertical(spots, 3, 1), vertical(spots, 5, -1), vertical(spots, 3, -1)]).toEqual([3, 4, 3, 0]);
    expect([vertical(spots, 1, -1), vertical(spots, 5, 1)]).toEqual([1, 5]);
  });
});

describe('servers at a glance', () => {
  it('are a cell each with name and phase, one stop of the Tab key, and lead to the server', async () => {
    const calls = answer({
      'GET /executions/x/servers': (query: URLSearchParams) => ({
        servers: query.get('wave') === '0' ? [server(2, 'FAILED'), server(1, 'LAUNCHED'), server(10, 'IN_PROGRESS', 'SNAPSHOT')] : [], count: 3, total: 3, nextToken: null,
      }),
    });
    const { router } = show(<Matrix executionId="x" waves={[wave(0, { startTime: 1, totalServers: 3 }), wave(1)]} />);
    const first = await screen.findByRole('gridcell', { name: 'web-1: Launched' });
    expect(screen.getAllByRole('gridcell').map((c) => c.getAttribute('aria-label') ?? c.textContent)).toEqual([
      'web-1: Launched', 'web-2: Failed', 'web-10: Snapshot', '2 servers wait',
    ]);
    // what has not begun is not asked for
    expect(calls.filter((c) => c.path.endsWith('/servers'))).toHaveLength(1);
    within(screen.getAllByRole('list')[0] as HTMLElement).getByText(/Failed: 1/);
    const user = userEvent.setup();
    await user.tab();
    expect(document.activeElement).toBe(first);
    await user.keyboard('{ArrowRight}');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('web-2: Failed');
    await user.keyboard('{End}{Enter}');
    expect(router.state.location.search).toBe('?server=s-10');
    await user.click(screen.getByRole('gridcell', { name: 'web-2: Failed' }));
    expect(router.state.location.search).toBe('?server=s-2');
    expect(screen.getAllByRole('gridcell').filter((c) => c.tabIndex === 0)).toHaveLength(1);
  });
});

describe('announcements', () => {
  it('come every ten seconds at most, and at once when the status changes', () => {
    vi.useFakeTimers();
    const said = () => screen.getByRole('status').textContent;
    const later = (ms: number) => {
      act(() => {
        vi.advanceTimersByTime(ms);
      });
    };
    const { rerender } = render(<Announce text="10 %" urgent="RUNNING" />);
    later(1);
    for (const percent of [20, 30, 40]) {
      rerender(<Announce text={`${String(percent)} %`} urgent="RUNNING" />);
      later(2_000);
      expect(said()).toBe('10 %');
    }
    later(4_000);
    expect(said()).toBe('40 %');
    rerender(<Announce text="paused" urgent="PAUSED" />);
    later(1);
    expect(said()).toBe('paused');
  });
});
