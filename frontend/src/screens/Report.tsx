/** Evidence of one run for an auditor: on the screen, on paper, as JSON and CSV. */
import { useQueries } from '@tanstack/react-query';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useParams } from 'react-router';
import '../i18n/more';
import '../i18n/runs';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { keys, useExecution, usePlan, useTermination } from '../api/queries';
import { useApi, useConfig } from '../app/context';
import { useTitle } from '../app/page';
import { Failed } from '../components/Failed';
import { evidence, evidenceCsv, evidenceText, sha256, type Evidence, type Sheet } from '../execution/evidence';
import { targetsOf } from '../execution/objectives';
import { useAllServers, useHistory } from '../execution/queries';
import { timeline } from '../execution/timeline';
import { TimelineFigure } from '../execution/TimelineFigure';
import { hasMessage, t } from '../i18n/t';
import { download } from '../lib/csv';
import { humanize, isTerminal } from '../lib/status';
import { followTheme, lightForPrint } from '../lib/theme';
import { formatSeconds, formatTime } from '../lib/time';
import NotFound from './NotFound';
import './report.css';

type Execution = Schemas['Execution'];

/** A value, or that it is not known; never an empty cell. */
const shown = (value: string | number | null | undefined) => (value === null || value === undefined || value === '' ? t('report.unknown') : String(value));
const time = (value: string | null) => (value === null ? t('report.unknown') : formatTime(value, { zone: 'utc' }));
const span = (seconds: number | null) => (seconds === null ? t('report.unknown') : formatSeconds(seconds));

function Facts({ items }: { items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="report-facts">
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Grid({ caption, columns, rows, empty }: { caption: string; columns: readonly string[]; rows: readonly (readonly ReactNode[])[]; empty: string }) {
  return rows.length === 0 ? (
    <p>{empty}</p>
  ) : (
    <div className="report-scroll" role="region" aria-label={caption} tabIndex={0}>
      <table className="report-table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c} scope="col">{c}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, k) => (k === 0 ? <th key={k} scope="row">{cell}</th> : <td key={k}>{cell}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function eventName(event: string): string {
  const id = `report.event.${event}`;
  return hasMessage(id) ? t(id) : event;
}

function verdict(name: 'rto' | 'rpo', doc: Evidence): string {
  const o = doc.objectives[name];
  return t(`objective.${o.verdict}`);
}

function Sections({ doc, execution }: { doc: Evidence; execution: Execution }) {
  const { execution: run, objectives: o, termination } = doc;
  const line = timeline(execution, Date.parse(doc.generatedAt));
  const pauses = doc.pauses.map((p) => ({ start: Date.parse(p.from), end: p.to === null ? null : Date.parse(p.to), by: p.by ?? '', reason: p.reason ?? '' }));
  return (
    <>
      <section>
        <h2>{t('report.run')}</h2>
        <Facts
          items={[
            [t('report.environment'), shown(doc.environment)],
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
            [t('executionId'), run.executionId],
          ]}
        />
        <p>{run.outcome}</p>
      </section>
      <section>
        <h2>{t('objective.title')}</h2>
        <Grid
          caption={t('objective.title')}
          columns={[t('report.objective'), t('report.target'), t('report.achieved'), t('report.verdict')]}
          rows={[
            [t('objective.rto'), span(o.rto.targetSeconds), t('report.rto', { net: span(o.rto.netSeconds), gross: span(o.rto.grossSeconds), paused: span(o.rto.pausedSeconds) }), verdict('rto', doc)],
            [t('objective.rpo'), span(o.rpo.targetSeconds), o.rpo.worstServer === null ? span(o.rpo.worstSeconds) : `${span(o.rpo.worstSeconds)} (${o.rpo.worstServer})`, verdict('rpo', doc)],
          ]}
          empty=""
        />
        <p>{t('report.how')}</p>
        {o.rpo.serversUnknown > 0 ? <p>{t('objective.unknownservers', { count: o.rpo.serversUnknown })}</p> : null}
      </section>
      <section>
        <h2>{t('report.scope')}</h2>
        <Grid
          caption={t('report.scope')}
          columns={[t('report.group'), t('report.tags')]}
          rows={doc.scope.groups.map((g) => [
            g.name ?? `${g.groupId} (${t('report.gone')})`,
            g.tags === null ? t('report.unknown') : Object.entries(g.tags).map(([k, v]) => `${k}=${v}`).join(', ') || t('report.byname'),
          ])}
          empty={t('report.none')}
        />
        <p>{t('report.scope.note', { count: doc.scope.servers })}</p>
      </section>
      <section>
        <h2>{t('timeline')}</h2>
        <TimelineFigure line={line} pauses={pauses} />
        <Grid
          caption={t('waves')}
          columns={[t('wave'), t('status'), t('started'), t('ended'), t('duration'), t('servers'), t('problem')]}
          rows={doc.waves.map((w) => [
            t('wave.name', { number: w.waveNumber, name: w.name }), humanize(w.status), time(w.startTime), time(w.endTime), span(w.seconds),
            t('timeline.servers', { launched: w.launched, failed: w.failed, total: w.servers }), w.error ?? '–',
          ])}
          empty={t('report.none')}
        />
      </section>
      <section>
        <h2>{t('servers')}</h2>
        <Grid
          caption={t('servers')}
          columns={[t('server'), t('serverId'), t('wave'), t('instance'), t('instanceType'), t('privateIp'), t('launchedAt'), t('objective.server.rto'), t('objective.rpo'), t('report.result')]}
          rows={doc.servers.map((s) => [
            s.name, s.sourceServerId, shown(s.wave), s.instanceId ?? '–', s.instanceType ?? '–', s.privateIp ?? '–',
            s.launchedAt === null ? '–' : time(s.launchedAt), s.secondsToLaunch === null ? '–' : formatSeconds(s.secondsToLaunch), s.rpoSeconds === null ? '–' : formatSeconds(s.rpoSeconds),
            s.error === null ? humanize(s.result) : `${humanize(s.result)}: ${s.error}`,
          ])}
          empty={t('report.none')}
        />
      </section>
      <section>
        <h2>{t('report.pauses')}</h2>
        <Grid
          caption={t('report.pauses')}
          columns={[t('report.from'), t('report.to'), t('report.by'), t('report.reason')]}
          rows={doc.pauses.map((p) => [time(p.from), p.to === null ? t('objective.running') : time(p.to), p.by ?? '–', p.reason === null ? t('report.unknown') : humanize(p.reason)])}
          empty={t('report.none')}
        />
        {doc.notes.map((n, i) => (
          <p key={i}>
            {time(n.time)} {shown(n.user)}: {n.text}
          </p>
        ))}
      </section>
      <section>
        <h2>{t('report.termination')}</h2>
        {termination === null ? (
          <p>{t(isTerminal(run.status) ? 'report.notterminated' : 'objective.running')}</p>
        ) : (
          <>
            <Facts
              items={[
                [t('report.requested'), time(termination.requestedAt)],
                [t('report.finished'), time(termination.finishedAt)],
                [t('report.result'), t(`report.termination.${termination.state}`)],
              ]}
            />
            <Grid
              caption={t('report.termination')}
              columns={[t('instance'), t('account'), t('region'), t('job'), t('state'), t('problem')]}
              rows={termination.instances.map((i) => [i.instanceId, shown(i.accountId), shown(i.region), shown(i.jobId), humanize(i.state), i.error ?? '–'])}
              empty={t('report.unknown')}
            />
          </>
        )}
      </section>
      <section>
        <h2>{t('report.deviations')}</h2>
        {doc.deviations.length === 0 ? (
          <p>{t('report.none')}</p>
        ) : (
          <ul>
            {doc.deviations.map((d) => (
              <li key={d}>{d}</li>
            ))}
          </ul>
        )}
        {doc.remarks === '' ? null : <p className="report-remarks">{doc.remarks}</p>}
      </section>
      <section>
        <h2>{t('report.events')}</h2>
        <Grid
          caption={t('report.events')}
          columns={[t('time'), t('event'), t('report.by'), t('report.what')]}
          rows={doc.events.map((e) => [time(e.time), eventName(e.event), e.actor ?? '–', e.text])}
          empty={t('report.none')}
        />
      </section>
      <section className="report-signoff">
        <h2>{t('report.signoff')}</h2>
        <table className="report-table">
          <caption className="visually-hidden">{t('report.signoff')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('report.signoff.role')}</th>
              <th scope="col">{t('name')}</th>
              <th scope="col">{t('report.signoff.date')}</th>
              <th scope="col">{t('report.signoff.signature')}</th>
            </tr>
          </thead>
          <tbody>
            {(['report.signoff.operator', 'report.signoff.owner', 'report.signoff.auditor'] as const).map((role) => (
              <tr key={role}>
                <th scope="row">{t(role)}</th>
                <td />
                <td />
                <td />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

/** A line at the foot of every printed page, with the number of the page. */
function usePageFoot(text: string): void {
  useEffect(() => {
    const sheet = new CSSStyleSheet();
    const quoted = text.replace(/[\\"\n]/g, ' ');
    sheet.replaceSync(`@page {
      @bottom-left { content: "${quoted}"; font: 7px sans-serif; }
      @bottom-right { content: counter(page) " / " counter(pages); font: 7px sans-serif; }
    }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
    };
  }, [text]);
}

const SHEETS: readonly Sheet[] = ['servers', 'waves', 'events', 'termination'];

/** Groups as they are now; one that is gone is left out. */
function useGroups(execution: Execution) {
  const api = useApi();
  const ids = [...new Set((execution.waves ?? []).flatMap((w) => w.protectionGroupIds ?? []))];
  return useQueries({
    queries: ids.map((id) => ({
      queryKey: keys.group(id),
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get('/protection-groups/{id}', { path: { id }, signal }),
    })),
    combine: (results) => ({ pending: results.some((r) => r.isPending), groups: results.flatMap((r) => (r.data === undefined ? [] : [r.data])) }),
  });
}

function Document({ execution }: { execution: Execution }) {
  const config = useConfig();
  const id = execution.executionId;
  const plan = usePlan(execution.planId);
  const servers = useAllServers(id, true);
  const history = useHistory(id);
  const begun = execution.terminationInitiatedAt !== undefined;
  const termination = useTermination(id, begun);
  const { groups, pending } = useGroups(execution);
  const [remarks, setRemarks] = useState('');
  const [hash, setHash] = useState<{ of: string; value: string | null } | null>(null);
  const failed = [servers, history].find((q) => q.isError && q.data === undefined);
  const waiting = plan.isPending || servers.isPending || history.isPending || pending || (begun && termination.isPending);

  const doc = useMemo(
    () =>
      waiting || servers.data === undefined || history.data === undefined
        ? null
        : evidence({
            execution, servers: servers.data, events: history.data, termination: termination.data ?? null, groups,
            targets: targetsOf(plan.data, config), environment: config.environment?.name ?? null, remarks: remarks.trim(), 
            now: Math.max(servers.dataUpdatedAt, history.dataUpdatedAt),
          }),
    [waiting, execution, servers.data, servers.dataUpdatedAt, history.data, history.dataUpdatedAt, termination.data, groups, plan.data, config, remarks],
  );
  const text = useMemo(() => (doc === null ? '' : evidenceText(doc)), [doc]);
  useEffect(() => {
    let current = true;
    if (text !== '') {
      void sha256(text).then((value) => {
        if (current) {
          setHash({ of: text, value });
        }
      });
    }
    return () => {
      current = false;
    };
  }, [text]);
  useEffect(() => {
    window.addEventListener('beforeprint', lightForPrint);
    window.addEventListener('afterprint', followTheme);
    return () => {
      window.removeEventListener('beforeprint', lightForPrint);
      window.removeEventListener('afterprint', followTheme);
    };
  }, []);

  const digest = hash?.of !== text ? t('loading') : (hash.value ?? t('report.nohash'));
  const generated = doc === null ? '' : t('report.generated', { time: formatTime(doc.generatedAt, { zone: 'utc' }) });
  usePageFoot(doc === null ? '' : `${generated}. ${t('report.hash', { hash: digest })}`);

  if (failed !== undefined) {
    return <Failed what={t('report.failed')} error={failed.error} retry={() => void failed.refetch()} />;
  }
  if (doc === null) {
    return <StatusIndicator type="loading">{t('report.loading')}</StatusIndicator>;
  }
  const base = `run-${id}`;
  return (
    <SpaceBetween size="l">
      <div className="no-print">
        <Header
          variant="h1"
          description={t('report.description')}
          actions={
            <SpaceBetween size="xs" direction="horizontal">
              <Button iconName="download" onClick={() => {
                download(`${base}.json`, 'application/json', text);
              }}>
                {t('report.json')}
              </Button>
              <ButtonDropdown
                items={SHEETS.map((sheet) => ({ id: sheet, text: t(`report.csv.${sheet}`), disabled: sheet === 'termination' && doc.termination === null }))}
                onItemClick={({ detail }) => {
                  const sheet = SHEETS.find((s) => s === detail.id) ?? 'servers';
                  download(`${base}-${sheet}.csv`, 'text/csv', evidenceCsv(doc, sheet));
                }}
              >
                {t('report.csv')}
              </ButtonDropdown>
              <Button variant="primary" iconName="file" onClick={() => {
                window.print();
              }}>
                {t('report.print')}
              </Button>
            </SpaceBetween>
          }
        >
          {t('report.of', { plan: execution.planName })}
        </Header>
      </div>
      <div className="no-print">
        <Container>
          <FormField label={t('report.remarks')} description={t('report.remarks.hint')}>
            <Textarea value={remarks} rows={3} onChange={({ detail }) => {
              setRemarks(detail.value.slice(0, 5000));
            }} />
          </FormField>
        </Container>
      </div>
      <article className="report">
        <div className="report-title">
          {t(execution.executionType === 'RECOVERY' ? 'report.title.RECOVERY' : 'report.title.DRILL', { plan: execution.planName })}
        </div>
        {isTerminal(execution.status) ? null : <p>{t('report.preliminary')}</p>}
        <Sections doc={doc} execution={execution} />
        <footer className="report-footer">
          <div>{generated}</div>
          <div className="report-hash">{t('report.hash', { hash: digest })}</div>
        </footer>
      </article>
    </SpaceBetween>
  );
}

export default function Report() {
  const { executionId = '' } = useParams();
  const query = useExecution(executionId);
  useTitle(query.data === undefined ? t('report.title') : t('report.of', { plan: query.data.planName }));
  if (query.data !== undefined) {
    return <Document execution={query.data} />;
  }
  if (query.isPending) {
    return <StatusIndicator type="loading">{t('report.loading')}</StatusIndicator>;
  }
  return toApiError(query.error).status === 404 ? (
    <NotFound />
  ) : (
    <Failed what={t('report.failed')} error={query.error} retry={() => void query.refetch()} />
  );
}
