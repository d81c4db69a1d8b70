/** Checks of a file before it is sent to the server; pure. */
import { t } from '../i18n/t';

/** What the server takes at most. */
export const MAX_BYTES = 8 * 1024 * 1024;

export interface Summary {
  config: Record<string, unknown>;
  groups: number;
  plans: number;
  schemaVersion: string;
  exportedAt: string | null;
  /** Texts of what to know before it is imported. */
  notices: string[];
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((v): v is Record<string, unknown> => typeof v === 'object' && v !== null) : [];
}

/** "1.10" is newer than "1.9". */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((v) => v.split('.').map(Number));
  for (let i = 0; i < Math.max(x?.length ?? 0, y?.length ?? 0); i++) {
    const d = (x?.[i] ?? 0) - (y?.[i] ?? 0);
    if (d !== 0) {
      return d;
    }
  }
  return 0;
}

/** Reads an exported file; throws an Error whose text says what is wrong. */
export function readExport(text: string): Summary {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new Error(t('transfer.problem.json'));
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new Error(t('transfer.problem.object'));
  }
  const config = raw as Record<string, unknown>;
  const metadata = (typeof config.metadata === 'object' && config.metadata !== null ? config.metadata : {}) as Record<string, unknown>;
  if (typeof metadata.schemaVersion !== 'string') {
    throw new Error(t('transfer.problem.version'));
  }
  const groups = list(config.protectionGroups);
  const plans = list(config.recoveryPlans);
  const notices: string[] = [];
  if (compareVersions(metadata.schemaVersion, '1.1') < 0) {
    notices.push(t('transfer.notice.old'));
  }
  const custom = groups.flatMap((g) => list(g.servers)).length;
  if (custom > 0) {
    notices.push(t('transfer.notice.custom', { count: custom }));
  }
  const without = [...groups, ...plans].filter((item) => typeof item.accountId !== 'string' || item.accountId === '').length;
  if (without > 0) {
    notices.push(t('transfer.notice.account', { count: without }));
  }
  return {
    config,
    groups: groups.length,
    plans: plans.length,
    schemaVersion: metadata.schemaVersion,
    exportedAt: typeof metadata.exportedAt === 'string' ? metadata.exportedAt : null,
    notices,
  };
}
