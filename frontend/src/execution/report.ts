/** What the report of a run says, block by block: for the page, for paper and as Markdown. */
import { shown, span, time } from '../components/known';
import '../i18n/more';
import '../i18n/runs';
import { hasMessage, t } from '../i18n/t';
import { humanize, isTerminal } from '../lib/status';
import { formatSeconds } from '../lib/time';
import type { Evidence } from './evidence';

export type Block =
  | { kind: 'facts'; items: (readonly [string, string])[] }
  | { kind: 'table'; caption: string; columns: string[]; rows: string[][]; empty: string }
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'timeline' }
  | { kind: 'signoff'; columns: string[]; roles: string[] };

export interface Section {
  title: string;
  blocks: Block[];
}

const text = (value: string): Block => ({ kind: 'text', text: value });

function eventName(event: string): string {
  const id = `report.event.${event}`;
  return hasMessage(id) ? t(id) : event;
}

function runSection({ environment, execution: run }: Evidence): Section {
  return {
    title: t('report.run'),
    blocks: [
      {
        kind: 'facts',
        items: [
          [t('report.environment'), shown(environment)],
          [t('plan'), t('report.plan', { plan: run.planName, version: shown(run.planVersion) })],
          [t('type'), t(run.executionType === 'RECOVERY' ? 'type.RECOVERY' : 'type.DRILL')],
          [t('status'), humanize(run.status)],
          [t('report.reason'), shown(run.reason)],
          [t('initiatedBy'), shown(run.startedBy)],
          [t('source'), shown(run.source)],
          [t('accounts'), run.accounts.join(', ')],
          [t('report.regions'), shown(run.regions.join(', '))],
          [t('started'), time(run.startTime)],
          [t('ended'), time(run.endTime)],
          [t('duration'), span(run.seconds)],
          [t('executionId'), run.executionId],
        ],
      },
      ...(run.outcome === null ? [] : [text(run.outcome)]),
    ],
  };
}

function objectivesSection({ objectives: { rto, rpo } }: Evidence): Section {
  const target = ({ targetSeconds, targetOf }: { targetSeconds: number; targetOf: 'plan' | 'console' }) =>
    `${span(targetSeconds)} (${t(targetOf === 'plan' ? 'objective.ofplan' : 'objective.ofconsole')})`;
  return {
    title: t('objective.title'),
    blocks: [
      {
        kind: 'table',
        caption: t('objective.title'),
        columns: [t('report.objective'), t('report.target'), t('report.achieved'), t('report.verdict')],
        rows: [
          [
            t('objective.rto'), target(rto), t('report.rto', { net: span(rto.netSeconds), gross: span(rto.grossSeconds), paused: span(rto.pausedSeconds) }),
            t(`objective.${rto.verdict}`),
          ],
          [
            t('objective.rpo'), target(rpo), rpo.worstServer === null ? span(rpo.worstSeconds) : `${span(rpo.worstSeconds)} (${rpo.worstServer})`,
            t(`objective.${rpo.verdict}`),
          ],
        ],
        empty: '',
      },
      text(t('report.how')),
      ...(rpo.serversUnknown > 0 ? [text(t('objective.unknownservers', { count: rpo.serversUnknown }))] : []),
    ],
  };
}

function scopeSection({ scope }: Evidence): Section {
  return {
    title: t('report.scope'),
    blocks: [
      {
        kind: 'table',
        caption: t('report.scope'),
        columns: [t('report.group'), t('report.tags')],
        rows: scope.groups.map((g) => [
          g.name ?? `${g.groupId} (${t('report.gone')})`,
          g.tags === null ? t('report.unknown') : Object.entries(g.tags).map(([k, v]) => `${k}=${v}`).join(', ') || t('report.byname'),
        ]),
        empty: t('report.none'),
      },
      text(scope.servers === null ? t('report.servers.unknown') : t('report.scope.note', { count: scope.servers })),
    ],
  };
}

function timelineSection({ waves }: Evidence): Section {
  return {
    title: t('timeline'),
    blocks: [
      { kind: 'timeline' },
      {
        kind: 'table',
        caption: t('waves'),
        columns: [t('wave'), t('status'), t('started'), t('ended'), t('duration'), t('servers'), t('problem')],
        rows: waves.map((w) => [
          t('wave.name', { number: w.waveNumber, name: w.name }), humanize(w.status), time(w.startTime), time(w.endTime), span(w.seconds),
          w.launched === null || w.failed === null || w.servers === null
            ? shown(w.servers)
            : t('timeline.servers', { launched: w.launched, failed: w.failed, total: w.servers }),
          w.error ?? '–',
        ]),
        empty: t('report.none'),
      },
    ],
  };
}

function serversSection({ servers }: Evidence): Section {
  return {
    title: t('servers'),
    blocks: [
      {
        kind: 'table',
        caption: t('servers'),
        columns: [
          t('server'), t('serverId'), t('wave'), t('instance'), t('instanceType'), t('privateIp'), t('launchedAt'), t('objective.server.rto'), t('objective.rpo'),
          t('report.result'),
        ],
        rows: (servers ?? []).map((s) => {
          // what has no instance has none of these; of an instance they may not be known
          const of = (value: string | null) => value ?? (s.instanceId === null ? '–' : t('report.unknown'));
          return [
            s.name, s.sourceServerId, shown(s.wave), s.instanceId ?? '–', of(s.instanceType), of(s.privateIp), of(s.launchedAt === null ? null : time(s.launchedAt)),
            of(s.secondsToLaunch === null ? null : formatSeconds(s.secondsToLaunch)), of(s.rpoSeconds === null ? null : formatSeconds(s.rpoSeconds)),
            s.error === null ? humanize(s.result) : `${humanize(s.result)}: ${s.error}`,
          ];
        }),
        empty: servers === null ? t('report.servers.unknown') : t('report.none'),
      },
    ],
  };
}

function pausesSection({ pauses, notes }: Evidence): Section {
  return {
    title: t('report.pauses'),
    blocks: [
      {
        kind: 'table',
        caption: t('report.pauses'),
        columns: [t('report.from'), t('report.to'), t('report.by'), t('report.reason')],
        rows: (pauses ?? []).map((p) => [time(p.from), p.to === null ? t('objective.running') : time(p.to), p.by ?? '–', p.reason === null ? t('report.unknown') : humanize(p.reason)]),
        empty: pauses === null ? t('report.history.unknown') : t('report.none'),
      },
      ...notes.map((n) => text(`${time(n.time)} ${shown(n.user)}: ${n.text}`)),
    ],
  };
}

function terminationSection({ termination, execution }: Evidence): Section {
  if (termination === null) {
    return { title: t('report.termination'), blocks: [text(t(isTerminal(execution.status) ? 'report.notterminated' : 'objective.running'))] };
  }
  return {
    title: t('report.termination'),
    blocks: [
      {
        kind: 'facts',
        items: [
          [t('report.requested'), time(termination.requestedAt)],
          [t('report.finished'), time(termination.finishedAt)],
          [t('report.result'), t(`report.termination.${termination.state}`)],
        ],
      },
      {
        kind: 'table',
        caption: t('report.termination'),
        columns: [t('instance'), t('account'), t('region'), t('job'), t('state'), t('problem')],
        rows: termination.instances.map((i) => [i.instanceId, shown(i.accountId), shown(i.region), shown(i.jobId), humanize(i.state), i.error ?? '–']),
        empty: t('report.unknown'),
      },
    ],
  };
}

function deviationsSection({ deviations, remarks }: Evidence): Section {
  return {
    title: t('report.deviations'),
    blocks: [
      deviations.length === 0 ? text(t('report.none')) : { kind: 'list', items: deviations },
      ...(remarks === '' ? [] : [text(remarks)]),
    ],
  };
}

function eventsSection({ events }: Evidence): Section {
  return {
    title: t('report.events'),
    blocks: [
      {
        kind: 'table',
        caption: t('report.events'),
        columns: [t('time'), t('event'), t('report.by'), t('report.what')],
        rows: (events ?? []).map((e) => [time(e.time), eventName(e.event), e.actor ?? '–', e.text]),
        empty: events === null ? t('report.history.unknown') : t('report.none'),
      },
    ],
  };
}

function signoffSection(): Section {
  return {
    title: t('report.signoff'),
    blocks: [{
      kind: 'signoff',
      columns: [t('report.signoff.role'), t('name'), t('report.signoff.date'), t('report.signoff.signature')],
      roles: [t('report.signoff.operator'), t('report.signoff.owner'), t('report.signoff.auditor')],
    }],
  };
}

export function reportTitle({ execution: { executionType, planName } }: Evidence): string {
  return t(executionType === 'RECOVERY' ? 'report.title.RECOVERY' : 'report.title.DRILL', { plan: planName });
}

export function sections(doc: Evidence): Section[] {
  return [
    runSection(doc), objectivesSection(doc), scopeSection(doc), timelineSection(doc), serversSection(doc), pausesSection(doc), terminationSection(doc),
    deviationsSection(doc), eventsSection(doc), signoffSection(),
  ];
}

/** Nothing in the text changes how it is set. */
const escaped = (value: string) => value.replace(/[\\`*_[\]<>|#~]/g, '\\$&');
const cell = (value: string) => escaped(value).replace(/\s*\n\s*/g, ' ');
const row = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;

function blockMarkdown(block: Block): string {
  switch (block.kind) {
    case 'facts':
      return block.items.map(([label, value]) => `- ${cell(label)}: ${cell(value)}`).join('\n');
    case 'table':
      return block.rows.length === 0
        ? escaped(block.empty)
        : [row(block.columns), `|${' --- |'.repeat(block.columns.length)}`, ...block.rows.map(row)].join('\n');
    case 'text':
      return escaped(block.text);
    case 'list':
      return block.items.map((item) => `- ${cell(item)}`).join('\n');
    case 'timeline':
      return '';
    case 'signoff':
      return [row(block.columns), `|${' --- |'.repeat(block.columns.length)}`, ...block.roles.map((role) => row([role, ...block.columns.slice(1).map(() => ' ')]))].join('\n');
  }
}

/** The report as Markdown; its timeline is the table of waves. */
export function reportMarkdown(doc: Evidence, generated: string, hash: string): string {
  const parts = [
    `# ${cell(reportTitle(doc))}`,
    ...(isTerminal(doc.execution.status) ? [] : [escaped(t('report.preliminary'))]),
    ...sections(doc).flatMap(({ title, blocks }) => [`## ${cell(title)}`, ...blocks.map(blockMarkdown).filter((part) => part !== '')]),
    `${escaped(generated)}  \n${escaped(hash)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
