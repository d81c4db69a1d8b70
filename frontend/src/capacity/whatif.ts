/** How full a Region would be with more servers, or with more accounts; pure. */
import { levelOf } from '../lib/capacity';

/** Replicating servers of one account in one Region, where the server does not say. */
const PER_PLACE = 300;

interface Facts {
  accounts: readonly {
    accountName: string;
    accessible: boolean;
    regionalBreakdown: readonly { region: string; replicatingServers: number; maxReplicating: number; error?: string | null }[];
  }[];
  regionalCapacity: readonly { region: string; recoveryServers: number; recoveryMax: number }[];
}

export interface Outlook {
  used: number;
  max: number;
  level: string;
  /** Servers that would find no place. */
  missing: number;
  /** Further accounts that these would need. */
  accountsNeeded: number;
  /** Servers above what can be recovered in the Region, and that limit; null where it is not known. */
  unrecoverable: { count: number; max: number } | null;
  /** Accounts that could not be read. */
  unknown: string[];
}

export function outlook({ accounts, regionalCapacity }: Facts, region: string, servers: number, moreAccounts: number): Outlook {
  const readable = accounts.filter((a) => a.accessible && !a.regionalBreakdown.some((r) => r.region === region && Boolean(r.error)));
  const places = readable.map((a) => a.regionalBreakdown.find((r) => r.region === region));
  const per = places.find((p) => p !== undefined)?.maxReplicating ?? PER_PLACE;
  const now = places.reduce((sum, p) => sum + (p?.replicatingServers ?? 0), 0);
  const max = places.reduce((sum, p) => sum + (p?.maxReplicating ?? per), 0) + moreAccounts * per;
  const missing = Math.max(0, now + servers - max);
  const recovery = regionalCapacity.find((r) => r.region === region);
  return {
    used: now + servers - missing,
    max,
    level: levelOf(now + servers, max),
    missing,
    accountsNeeded: Math.ceil(missing / per),
    unrecoverable: recovery === undefined ? null : { count: Math.max(0, recovery.recoveryServers + servers - recovery.recoveryMax), max: recovery.recoveryMax },
    unknown: accounts.filter((a) => !readable.includes(a)).map((a) => a.accountName),
  };
}
