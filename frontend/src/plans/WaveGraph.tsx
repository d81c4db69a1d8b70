import Button from '@cloudscape-design/components/button';
import Icon from '@cloudscape-design/components/icon';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { Controls, Handle, MarkerType, Position, ReactFlow, useReactFlow, useStore, type Edge, type Node, type NodeProps } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { createContext, useContext, useEffect, useState } from 'react';
import { Status } from '../components/Status';
import '../i18n/graph';
import { t } from '../i18n/t';
import { useNarrow } from '../lib/narrow';
import { indicatorOf } from '../lib/status';
import { formatSeconds } from '../lib/time';
import { edgesOf, layout, onPath, refusal, type GraphWave } from './graph';
import './graph.css';

export interface WaveNode extends GraphWave {
  name: string;
  /** Names of the groups. */
  groups: readonly string[];
  /** Null: not known yet. */
  servers: number | null;
  /** How many of them were launched, in a run. */
  launched?: number;
  pauseBefore: boolean;
  /** Estimated, or taken in a run. */
  seconds?: number | null;
  /** Status of the wave in a run. */
  status?: string;
  warnings?: readonly string[];
}

export interface WaveGraphProps {
  waves: readonly WaveNode[];
  /** Numbers of the waves that decide how long it takes. */
  critical?: readonly number[];
  /** A node was chosen. */
  onOpen?: (waveNumber: number) => void;
  /** Makes it an editor. */
  edit?: { connect: (from: number, to: number) => void; disconnect: (from: number, to: number) => void };
}

const WIDTH = 220;
const HEIGHT = 128;
const GAP_X = 72;
const GAP_Y = 24;
const GAP_DOWN = 40;
/** Room for the controls below the waves. */
const FIT = { maxZoom: 1, padding: { top: '16px', right: '16px', bottom: '52px', left: '16px' } } as const;

interface Editing {
  /** The wave that others may need next, chosen by its button. */
  from: number | null;
  press: (waveNumber: number) => void;
}

const EditingContext = createContext<Editing | null>(null);

type FlowNode = Node<{ wave: WaveNode; critical: boolean }, 'wave'>;

const wordsOf = (wave: WaveNode) => t('wave.name', { number: wave.waveNumber + 1, name: wave.name });

function serversOf(wave: WaveNode): string {
  if (wave.servers === null) {
    return t('graph.servers.unknown');
  }
  return wave.launched === undefined
    ? t('ready.servers', { count: wave.servers })
    : t('graph.launched', { launched: wave.launched, total: wave.servers });
}

/** All that a node shows, for those who do not see it. */
function describe(wave: WaveNode, critical: boolean): string {
  return [
    wordsOf(wave), serversOf(wave), ...(wave.status === undefined ? [] : [wave.status]), ...(wave.pauseBefore ? [t('editor.pause')] : []),
    ...(critical ? [t('graph.critical')] : []), ...(wave.warnings ?? []),
  ].join(', ');
}

function WaveBox({ data: { wave, critical } }: NodeProps<FlowNode>) {
  const editing = useContext(EditingContext);
  const down = useNarrow();
  const warnings = wave.warnings ?? [];
  const { from } = editing ?? { from: null };
  return (
    <div className={`graph-node graph-${wave.status === undefined ? 'plan' : indicatorOf(wave.status)}${critical ? ' graph-critical' : ''}`}>
      <Handle type="target" position={down ? Position.Top : Position.Left} isConnectable={editing !== null} />
      <div className="graph-body">
        <div className="graph-title" title={wordsOf(wave)}>
          {wordsOf(wave)}
        </div>
        <div className="graph-line" title={wave.groups.join(', ')}>
          {wave.groups.length === 0 ? t('graph.groups.none') : wave.groups.join(', ')}
        </div>
        <div className="graph-line">
          {serversOf(wave)}
          {wave.seconds === undefined || wave.seconds === null ? null : <> · {t(wave.status === undefined ? 'graph.about' : 'graph.took', { time: formatSeconds(wave.seconds) })}</>}
        </div>
        {wave.pauseBefore ? (
          <div className="graph-line">
            <Icon name="status-pending" /> {t('editor.pause')}
          </div>
        ) : null}
        {wave.status === undefined ? null : <Status value={wave.status} kind="wave" />}
        {warnings.length === 0 ? null : (
          <div className="graph-line" title={warnings.join('\n')}>
            <StatusIndicator type="warning" wrapText={false}>
              {warnings.length === 1 ? warnings[0] : t('graph.warnings', { first: warnings[0] ?? '', more: warnings.length - 1 })}
            </StatusIndicator>
          </div>
        )}
      </div>
      {editing === null ? null : (
        <button
          type="button"
          className="graph-connect nodrag nopan nokey"
          aria-pressed={from === wave.waveNumber}
          aria-label={from === null || from === wave.waveNumber ? t('graph.from', { wave: wordsOf(wave) }) : t('graph.to', { wave: wordsOf(wave), number: from + 1 })}
          onClick={(event) => {
            event.stopPropagation();
            editing.press(wave.waveNumber);
          }}
        >
          <Icon name={from === null || from === wave.waveNumber ? 'add-plus' : 'check'} />
        </button>
      )}
      <Handle type="source" position={down ? Position.Bottom : Position.Right} isConnectable={editing !== null} />
    </div>
  );
}

const NODE_TYPES = { wave: WaveBox };

/** Shows the whole graph again when its waves or its width changed. */
function Fit({ shape }: { shape: string }) {
  const { fitView } = useReactFlow();
  const width = useStore((state) => state.width);
  useEffect(() => {
    void fitView(FIT);
  }, [fitView, shape, width]);
  return null;
}

/** Waves in the order in which they can begin: from left to right, on a phone from the top down. */
export default function WaveGraph({ waves, critical = [], onOpen, edit }: WaveGraphProps) {
  const [from, setFrom] = useState<number | null>(null);
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [refused, refuse] = useState<string | null>(null);
  const down = useNarrow();
  const places = layout(waves);
  const drawn = edgesOf(waves);
  const name = (number: number) => {
    const wave = waves.find((w) => w.waveNumber === number);
    return wave === undefined ? String(number + 1) : wordsOf(wave);
  };
  const count = Math.max(1, ...[...places.values()].map((p) => (down ? p.column : p.row) + 1));
  const nodes: FlowNode[] = waves.map((wave) => {
    const place = places.get(wave.waveNumber) ?? { column: 0, row: 0 };
    const isCritical = critical.includes(wave.waveNumber);
    return {
      id: String(wave.waveNumber),
      type: 'wave',
      position: down
        ? { x: place.row * (WIDTH + GAP_Y), y: place.column * (HEIGHT + GAP_DOWN) }
        : { x: place.column * (WIDTH + GAP_X), y: place.row * (HEIGHT + GAP_Y) },
      width: WIDTH,
      height: HEIGHT,
      data: { wave, critical: isCritical },
      ariaLabel: describe(wave, isCritical),
    };
  });
  const edges: Edge[] = drawn.map((edge) => {
    const path = onPath(critical, edge.from, edge.to);
    const id = `${String(edge.from)}-${String(edge.to)}`;
    return {
      id,
      source: String(edge.from),
      target: String(edge.to),
      markerEnd: { type: MarkerType.ArrowClosed, color: path ? 'var(--drs-info)' : 'var(--drs-inactive)' },
      className: `${edge.implied ? 'graph-implied' : 'graph-declared'}${path ? ' graph-path' : ''}`,
      selected: selected.has(id),
      selectable: edit !== undefined && !edge.implied,
      focusable: edit !== undefined && !edge.implied,
      deletable: edit !== undefined && !edge.implied,
      ariaLabel: t('graph.edge', { from: name(edge.from), to: name(edge.to) }),
    };
  });
  const connect = (source: number, target: number) => {
    const why = refusal(waves, source, target);
    setFrom(null);
    refuse(why === null ? null : t(`graph.refused.${why}`, { from: name(source), to: name(target) }));
    if (why === null) {
      edit?.connect(source, target);
    }
  };
  const disconnect = (ids: Iterable<string>) => {
    for (const id of ids) {
      const [source, target] = id.split('-').map(Number);
      if (source !== undefined && target !== undefined) {
        edit?.disconnect(source, target);
      }
    }
    select(new Set());
  };
  const editing: Editing | null = edit === undefined ? null : {
    from,
    press: (number) => {
      refuse(null);
      if (from === null || from === number) {
        setFrom(from === null ? number : null);
      } else {
        connect(from, number);
      }
    },
  };
  const chosen = [...selected].filter((id) => drawn.some((e) => !e.implied && `${String(e.from)}-${String(e.to)}` === id));
  return (
    <SpaceBetween size="xs">
      <div
        className="graph"
        style={{ blockSize: `${String(Math.min(down ? 1000 : 560, Math.max(200, count * (HEIGHT + (down ? GAP_DOWN : GAP_Y)) + 68)))}px` }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setFrom(null);
          }
        }}
      >
        <EditingContext value={editing}>
          <ReactFlow<FlowNode>
            nodes={nodes}
            edges={edges}
            nodeTypes={NODE_TYPES}
            aria-label={t('graph.label', { count: waves.length })}
            ariaLabelConfig={{
              'node.a11yDescription.default': onOpen === undefined ? '' : t('graph.help.node'),
              'node.a11yDescription.keyboardDisabled': onOpen === undefined ? '' : t('graph.help.node'),
              'edge.a11yDescription.default': t('graph.help.edge'),
              'controls.ariaLabel': t('graph.controls'),
              'controls.zoomIn.ariaLabel': t('graph.zoom.in'),
              'controls.zoomOut.ariaLabel': t('graph.zoom.out'),
              'controls.fitView.ariaLabel': t('graph.zoom.fit'),
            }}
            fitView
            fitViewOptions={FIT}
            minZoom={0.15}
            maxZoom={1.5}
            nodesDraggable={false}
            nodesConnectable={edit !== undefined}
            connectOnClick={edit !== undefined}
            elementsSelectable={edit !== undefined || onOpen !== undefined}
            zoomOnScroll={false}
            zoomOnDoubleClick={false}
            preventScrolling={false}
            deleteKeyCode={edit === undefined ? null : ['Delete', 'Backspace']}
            proOptions={{ hideAttribution: true }}
            onConnect={({ source, target }) => {
              connect(Number(source), Number(target));
            }}
            onEdgesChange={(changes) => {
              const next = new Set(selected);
              for (const change of changes) {
                if (change.type === 'select') {
                  next[change.selected ? 'add' : 'delete'](change.id);
                }
              }
              select(next);
            }}
            onEdgesDelete={(gone) => {
              disconnect(gone.map((e) => e.id));
            }}
            onNodesChange={(changes) => {
              for (const change of changes) {
                if (change.type === 'select' && change.selected) {
                  onOpen?.(Number(change.id));
                }
              }
            }}
          >
            <Fit shape={JSON.stringify([...places])} />
            <Controls showInteractive={false} orientation="horizontal" fitViewOptions={FIT} />
          </ReactFlow>
        </EditingContext>
      </div>
      <div className="graph-legend">
        {critical.length > 1 ? <span className="graph-key graph-key-path">{t('graph.critical')}</span> : null}
        {drawn.some((e) => e.implied) ? <span className="graph-key graph-key-implied">{t('graph.implied')}</span> : null}
        {edit === undefined ? null : <span>{t('graph.help.edit')}</span>}
      </div>
      {edit === undefined ? null : (
        <div role="status" aria-live="polite">
          {refused === null ? null : <StatusIndicator type="error">{refused}</StatusIndicator>}
          {from === null ? null : <StatusIndicator type="info">{t('graph.choose', { wave: name(from) })}</StatusIndicator>}
        </div>
      )}
      {chosen.length === 0 ? null : (
        <Button formAction="none" iconName="remove" onClick={() => {
          disconnect(chosen);
        }}>
          {t('graph.remove', { count: chosen.length })}
        </Button>
      )}
    </SpaceBetween>
  );
}
