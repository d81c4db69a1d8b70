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

/** How grave a warning of the server is: it begins with its level. */
export function warningType(warning: string): 'info' | 'warning' | 'error' {
  switch (/^[A-Z-]+(?=:)/.exec(warning)?.[0]) {
    case 'OK':
    case 'INFO':
      return 'info';
    case 'CRITICAL':
    case 'HYPER-CRITICAL':
      return 'error';
    default:
      return 'warning';
  }
}

/** Level of so many of 300 replicating servers: the limits of the server, as shares. */
export function levelOf(used: number, max: number): string {
  const share = max === 0 ? 1 : used / max;
  return share < 200 / 300 ? 'OK' : share < 225 / 300 ? 'INFO' : share < 250 / 300 ? 'WARNING' : share < 280 / 300 ? 'CRITICAL' : 'HYPER-CRITICAL';
}

interface Facts {
  accounts: readonly { accountType: string; accountName: string; percentUsed: number; status: string; activeRegions: number }[];
}

/** Planning advice (ui.md 1.13), most urgent first; nothing is said of accounts that could not be read. */
export function advice({ accounts }: Facts): string[] {
  const out: string[] = [];
  const names = (list: Facts['accounts']) => list.map((a) => a.accountName).join(', ');
  const say = (id: 'advice.unknown' | 'advice.now' | 'advice.soon' | 'advice.watch' | 'advice.balance' | 'advice.consider' | 'advice.regions', list: Facts['accounts']) => {
    if (list.length > 0) {
      out.push(t(id, { names: names(list) }));
    }
  };
  const known = accounts.filter((a) => a.status !== 'UNKNOWN');
  const staging = known.filter((a) => a.accountType === 'staging');
  const targets = known.filter((a) => a.accountType === 'target');
  const mean = staging.reduce((sum, a) => sum + a.percentUsed, 0) / Math.max(1, staging.length);
  say('advice.unknown', accounts.filter((a) => a.status === 'UNKNOWN'));
  say('advice.now', known.filter((a) => a.status.endsWith('CRITICAL')));
  say('advice.soon', known.filter((a) => a.status === 'WARNING'));
  say('advice.watch', known.filter((a) => a.status === 'INFO'));
  say('advice.balance', staging.length > 0 && mean < 50 ? targets.filter((a) => a.percentUsed > 75) : []);
  say('advice.consider', accounts.some((a) => a.accountType === 'staging') ? [] : targets.filter((a) => a.percentUsed > 50));
  say('advice.regions', known.filter((a) => a.activeRegions > 1));
  if (known.length > 0 && known.length === accounts.length && known.every((a) => a.percentUsed < 50)) {
    out.push(t('advice.healthy'));
  }
  return out;
}
