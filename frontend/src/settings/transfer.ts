/** Checks of a file before it is sent to the server; pure. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import { fieldChanges, type FieldChange } from '../lib/changes';

/** What the server takes at most. */
export const MAX_BYTES = 8 * 1024 * 1024;

export interface Summary {
  config: Record<string, unknown>;
  groups: number;
  plans: number;
  schemaVersion: string;
  /** Account and Region of the server that wrote it. */
  source: string;
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
  const own = groups.flatMap((g) => list(g.servers));
  if (own.length > 0) {
    notices.push(t('transfer.notice.custom', { count: own.length }));
  }
  const fixed = own.filter(({ launchTemplate: settings }) =>
    typeof settings === 'object' && settings !== null && 'staticPrivateIp' in settings && Boolean(settings.staticPrivateIp)).length;
  if (fixed > 0) {
    notices.push(t('transfer.notice.addresses', { count: fixed }));
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
    source: [metadata.sourceAccount, metadata.sourceRegion].filter((v) => typeof v === 'string' && v !== '').join(', ') || '–',
    exportedAt: typeof metadata.exportedAt === 'string' ? metadata.exportedAt : null,
    notices,
  };
}

type ImportItem = Schemas['ImportItem'];

export interface ItemDiff {
  item: ImportItem;
  /** Of an item that exists: where the file differs from it; null when it is not known. */
  changes: FieldChange[] | null;
}

function find(config: Record<string, unknown>, { type, name }: ImportItem): Record<string, unknown> | undefined {
  const [key, member] = type === 'ProtectionGroup' ? (['protectionGroups', 'groupName'] as const) : (['recoveryPlans', 'planName'] as const);
  const wanted = name.toLowerCase();
  return list(config[key]).find((item) => typeof item[member] === 'string' && item[member].toLowerCase() === wanted);
}

/** What an import would do item by item: failures first, then what is new, then what exists. */
export function importDiff(file: Record<string, unknown>, now: Record<string, unknown> | null, result: Schemas['ImportResult']): ItemDiff[] {
  return [...result.failed, ...result.created, ...result.skipped].map((item) => {
    const [inFile, there] = [find(file, item), now === null ? undefined : find(now, item)];
    return { item, changes: item.status !== 'skipped' || inFile === undefined || there === undefined ? null : fieldChanges(there, inFile) };
  });
}

/** The page of what was created, or null. */
export function itemHref({ type, details }: ImportItem): string | null {
  const id = type === 'ProtectionGroup' ? (details?.groupId ?? details?.existingGroupId) : (details?.planId ?? details?.existingPlanId);
  return typeof id === 'string' ? `/${type === 'ProtectionGroup' ? 'protection-groups' : 'recovery-plans'}/${id}` : null;
}
