/** What figures of reports read like. */
import { day, type Kind } from '../charts/Charts';
import type { Verdict } from '../execution/objectives';
import '../i18n/reports';
import '../i18n/runs';
import { t } from '../i18n/t';
import { formatSeconds } from '../lib/time';
import type { Bucket, Interval, Row } from './facts';

export const verdictKind = (verdict: Verdict): Kind => (verdict === 'met' ? 'good' : verdict === 'missed' ? 'bad' : 'unknown');

export const rtoKinds = (): readonly { kind: Kind; text: string }[] => [
  { kind: 'good', text: t('objective.met') }, { kind: 'bad', text: t('objective.missed') }, { kind: 'unknown', text: t('objective.unknown') },
];

export const outcomeKinds = (): readonly { kind: Kind; text: string }[] => [
  { kind: 'good', text: t('reports.completed') }, { kind: 'partial', text: t('reports.partial') }, { kind: 'bad', text: t('reports.failed') },
];

const verdictText = (verdict: Verdict) => t(verdict === 'excluded' ? 'history.rto.excluded' : `objective.${verdict}`);

/** "12 min, missed" of a row. */
export function rtoText({ rto, withPauses, rtoVerdict, run }: Row): string {
  const verdict = run.status === 'COMPLETED' && rtoVerdict === 'unknown' ? t('reports.overwithpauses') : verdictText(rtoVerdict);
  return rto === null ? verdict : t(withPauses ? 'reports.rto.withpauses' : 'reports.rto', { time: formatSeconds(rto), verdict });
}

export function rpoText({ rpo, rpoVerdict, measured }: Row): string {
  const verdict = measured || rpoVerdict === 'excluded' ? verdictText(rpoVerdict) : t('reports.notread');
  return rpo === null ? verdict : t('reports.rto', { time: formatSeconds(rpo), verdict });
}

export const verdictCounts = ({ met, missed, unknown }: { met: number; missed: number; unknown: number }) => t('reports.counts', { met, missed, unknown });
/** In percent; a dash when nothing ended. */
export const rate = (value: number | null) => (value === null ? '–' : t('reports.percent', { percent: value }));

export const bucketLabel = (b: Bucket) => t('reports.bucket', { to: formatSeconds(b.to) });
export const intervalLabel = (i: Interval, unit: 'week' | 'month') => day(i.start, unit === 'week' ? 'day' : 'month', 'utc');
