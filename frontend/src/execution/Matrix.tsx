/** Every server of a run at a glance: one cell each, by colour and letter. */
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { memo, useRef, useState, type KeyboardEvent, type SyntheticEvent } from 'react';
import type { Schemas } from '../api/client';
import { useSetParams } from '../app/params';
import { Failed } from '../components/Failed';
import '../i18n/more';
import '../i18n/runs';
import { t } from '../i18n/t';
import { cellsOf, countsOf, vertical, type Cell, type CellKind } from './matrix';
import './matrix.css';
import { useWaveServers } from './queries';

type Wave = Schemas['ExecWave'];

const letterOf = (kind: CellKind) => t(`matrix.letter.${kind}`);
const label = (name: string, kind: CellKind) => t('matrix.cell', { name, phase: t(`timeline.kind.${kind}`) });

/** Events of other servers leave it alone. */
const Square = memo(function Square({ id, name, kind, current }: { id: string; name: string; kind: CellKind; current: boolean }) {
  return (
    <div role="gridcell" className={`matrix-cell matrix-${kind}`} data-server={id} tabIndex={current ? 0 : -1} aria-label={label(name, kind)}>
      <span aria-hidden="true">{letterOf(kind)}</span>
    </div>
  );
});

const WaveRow = memo(function WaveRow({ wave, cells, current }: { wave: Wave; cells: readonly Cell[] | null; current: string | null }) {
  const waiting = wave.totalServers ?? wave.serverCount ?? 0;
  return (
    <div role="row" className="matrix-wave">
      <div role="rowheader" className="matrix-name">
        {t('wave.name', { number: wave.waveNumber + 1, name: wave.waveName })}
      </div>
      <div role="presentation" className="matrix-cells">
        {cells === null || cells.length === 0 ? (
          // of a wave that has not begun only their number is known
          <div role="gridcell" className="matrix-none">
            {wave.startTime === undefined ? t('matrix.waiting', { count: waiting }) : cells === null ? t('loading') : t('servers.none')}
          </div>
        ) : (
          cells.map((c) => <Square key={c.id} id={c.id} name={c.name} kind={c.kind} current={c.id === current} />)
        )}
      </div>
    </div>
  );
});

const serverAt = (event: SyntheticEvent): string | null =>
  event.target instanceof Element ? (event.target.closest<HTMLElement>('[data-server]')?.dataset.server ?? null) : null;

export default function Matrix({ executionId, waves }: { executionId: string; waves: readonly Wave[] }) {
  const setParams = useSetParams();
  const grid = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const begun = waves.filter((w) => w.startTime !== undefined).map((w) => w.waveNumber);
  const found = useWaveServers(executionId, begun);
  const cells = new Map([...found].flatMap(([wave, { servers }]) => (servers === undefined ? [] : [[wave, madeOf(servers)] as const])));
  const all = waves.flatMap((w) => cells.get(w.waveNumber) ?? []);
  const current = all.some((c) => c.id === active) ? active : (all[0]?.id ?? null);
  const shown = all.find((c) => c.id === (pointed ?? active));
  const failed = [...found.values()].find((f) => f.error !== null);

  const go = (to: (squares: HTMLElement[], from: number) => number) => {
    const squares = [...(grid.current?.querySelectorAll<HTMLElement>('[data-server]') ?? [])];
    const from = squares.findIndex((s) => s.dataset.server === current);
    const next = squares[Math.max(0, Math.min(squares.length - 1, to(squares, from)))];
    if (next !== undefined) {
      setActive(next.dataset.server ?? null);
      next.focus();
    }
  };
  const line = (step: 1 | -1) => (squares: HTMLElement[], from: number) =>
    vertical(squares.map((s) => {
      const { top, left } = s.getBoundingClientRect();
      return { top, left };
    }), from, step);
  const open = (id: string | null) => {
    if (id !== null) {
      setActive(id);
      setParams({ server: id });
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const moves: Partial<Record<string, () => void>> = {
      ArrowRight: () => {
        go((_, from) => from + 1);
      },
      ArrowLeft: () => {
        go((_, from) => from - 1);
      },
      ArrowDown: () => {
        go(line(1));
      },
      ArrowUp: () => {
        go(line(-1));
      },
      Home: () => {
        go(() => 0);
      },
      End: () => {
        go((squares) => squares.length - 1);
      },
      Enter: () => {
        open(serverAt(event));
      },
      ' ': () => {
        open(serverAt(event));
      },
    };
    const move = moves[event.key];
    if (move !== undefined) {
      event.preventDefault();
      move();
    }
  };

  return (
    <SpaceBetween size="s">
      {failed === undefined ? null : <Failed what={t('servers.failed')} error={failed.error} retry={failed.retry} />}
      <ul className="legend">
        {countsOf(all).map(({ kind, count }) => (
          <li key={kind}>
            <span className={`matrix-cell matrix-${kind}`} aria-hidden="true">{letterOf(kind)}</span> {t('matrix.count', { phase: t(`timeline.kind.${kind}`), count })}
          </li>
        ))}
      </ul>
      <div
        ref={grid}
        role="grid"
        className="matrix"
        aria-label={t('matrix.title')}
        onKeyDown={onKey}
        onClick={(event) => {
          open(serverAt(event));
        }}
        onFocus={(event) => {
          const id = serverAt(event);
          if (id !== null) {
            setActive(id);
          }
        }}
        onPointerOver={(event) => {
          setPointed(serverAt(event));
        }}
        onPointerLeave={() => {
          setPointed(null);
        }}
      >
        {waves.map((wave) => (
          <WaveRow
            key={wave.waveNumber}
            wave={wave}
            cells={cells.get(wave.waveNumber) ?? null}
            current={(cells.get(wave.waveNumber) ?? []).some((c) => c.id === current) ? current : null}
          />
        ))}
      </div>
      <Box color="text-body-secondary">{shown === undefined ? t('matrix.hint') : label(shown.name, shown.kind)}</Box>
      {[...found.values()].some((f) => f.pending) ? <StatusIndicator type="loading">{t('loading')}</StatusIndicator> : null}
    </SpaceBetween>
  );
}

const made = new WeakMap<readonly Schemas['ServerExecution'][], Cell[]>();

/** The list of a wave stays the same until it is read again, and so do its cells. */
function madeOf(list: readonly Schemas['ServerExecution'][]): Cell[] {
  let cells = made.get(list);
  if (cells === undefined) {
    cells = cellsOf(list);
    made.set(list, cells);
  }
  return cells;
}
