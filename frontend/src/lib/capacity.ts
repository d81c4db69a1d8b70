/** What the figures of capacity mean, and what to do about them. */
import type { Indicator } from './status';
import { t } from '../i18n/t';

export function levelType(level: string): Indicator {
  switch (level) {
    case 'OK':
      return 'success';
    case 'INFO':
      return 'info';
    case 'WARNING':
      return 'warning';
    case 'UNKNOWN':
      return 'stopped';
    default:
      return 'error';
  }
}

interface Facts {
  accounts: readonly { accountType: string; accountName: string; percentUsed: number; status: string; activeRegions: number }[];
}

/** Planning advice (ui.md 1.13), most urgent first. */
export function advice({ accounts }: Facts): string[] {
  const out: string[] = [];
  const names = (list: Facts['accounts']) => list.map((a) => a.accountName).join(', ');
  const critical = accounts.filter((a) => a.status.endsWith('CRITICAL'));
  const warning = accounts.filter((a) => a.status === 'WARNING');
  const watch = accounts.filter((a) => a.status === 'INFO');
  const staging = accounts.filter((a) => a.accountType === 'staging');
  const target = accounts.find((a) => a.accountType === 'target');
  const mean = staging.reduce((sum, a) => sum + a.percentUsed, 0) / Math.max(1, staging.length);
  if (critical.length > 0) {
    out.push(t('advice.now', { names: names(critical) }));
  }
  if (warning.length > 0) {
    out.push(t('advice.soon', { names: names(warning) }));
  }
  if (watch.length > 0) {
    out.push(t('advice.watch', { names: names(watch) }));
  }
  if (target !== undefined && staging.length > 0 && target.percentUsed > 75 && mean < 50) {
    out.push(t('advice.balance'));
  }
  if (target !== undefined && staging.length === 0 && target.percentUsed > 50) {
    out.push(t('advice.consider'));
  }
  const spread = accounts.filter((a) => a.activeRegions > 1);
  if (spread.length > 0) {
    out.push(t('advice.regions', { names: names(spread) }));
  }
  if (accounts.length > 0 && accounts.every((a) => a.percentUsed < 50)) {
    out.push(t('advice.healthy'));
  }
  return out;
}
