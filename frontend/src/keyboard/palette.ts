/** Finding things by name or id. */
import type { MessageId } from '../i18n/t';
import type { Permission } from '../lib/permissions';

type Kind = 'recent' | 'plan' | 'group' | 'execution' | 'server' | 'account' | 'command';

export interface Entry {
  kind: Kind;
  text: string;
  /** Second line: id, status, where. */
  detail: string;
  /** Path, or what is done instead. */
  to: string | (() => void);
}

const SHOWN = 8;

/** Commands that open a page, with what they need. */
export const COMMANDS: readonly { text: MessageId; to: string; permission?: Permission }[] = [
  { text: 'palette.new.plan', to: '/recovery-plans/new', permission: 'create_recovery_plans' },
  { text: 'palette.new.group', to: '/protection-groups/new', permission: 'create_protection_groups' },
  { text: 'palette.tagsync', to: '/settings/tag-sync', permission: 'modify_protection_groups' },
  { text: 'palette.accounts', to: '/settings/accounts', permission: 'view_accounts' },
  { text: 'palette.transfer', to: '/settings/transfer', permission: 'export_configuration' },
  { text: 'palette.audit', to: '/audit', permission: 'audit_read' },
  { text: 'palette.preferences', to: '/settings/preferences' },
];

/** Entries of which every word of the query is a part, best first, some of each kind. */
export function find(entries: readonly Entry[], query: string): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter((w) => w !== '');
  const matches = entries
    .map((entry, at) => ({ entry, at, text: entry.text.toLowerCase(), all: `${entry.text} ${entry.detail}`.toLowerCase() }))
    .filter(({ all }) => words.every((w) => all.includes(w)))
    .map((m) => ({ ...m, rank: words.length > 0 && m.text.startsWith(words[0] ?? '') ? 0 : words.every((w) => m.text.includes(w)) ? 1 : 2 }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at);
  // without a query only what is near
  const kinds: Kind[] = words.length === 0 ? ['recent', 'command'] : ['plan', 'group', 'execution', 'server', 'account', 'command'];
  return kinds.flatMap((kind) => matches.filter((m) => m.entry.kind === kind).slice(0, SHOWN).map((m) => m.entry));
}
