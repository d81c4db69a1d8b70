/** Versions of a plan, made of what is stored now and the changes in the audit trail; pure. */
import type { Schemas } from '../api/client';

type Plan = Schemas['RecoveryPlan'];
type Entry = Pick<Schemas['AuditEntry'], 'id' | 'time' | 'actor' | 'action' | 'outcome' | 'before' | 'after'>;
type Members = Readonly<Record<string, unknown>>;

export interface PlanVersion {
  version: number;
  plan: Plan;
  /** The change that made it; null when the trail has it no more, or not yet. */
  entry: Entry | null;
  /** Members that it changed. */
  changed: string[];
}

/** Members that change with every version, or by themselves. */
const SILENT = new Set(['version', 'lastModifiedDate', 'createdDate', 'planId', 'planName', 'snsSubscriptionArn', 'waveCount', 'protectionGroupId']);

const members = (value: unknown): Members | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null);

/** The plan before a change: what it took away is back, what it added is gone. */
function before(plan: Plan, entry: Entry): Plan | null {
  const was = members(entry.before);
  const is = members(entry.after);
  if (was === null || is === null) {
    return null;
  }
  const kept = Object.entries(plan).filter(([name]) => !(name in is) || name in was);
  return { ...(Object.fromEntries(kept) as unknown as Plan), ...(was as Partial<Plan>) };
}

/** Newest first, back to the first version or to where the trail ends. */
export function versionsOf(plan: Plan, entries: readonly Entry[]): PlanVersion[] {
  const byVersion = new Map<unknown, Entry>();
  for (const entry of entries) {
    const version = members(entry.after)?.version;
    if (entry.outcome === 'succeeded' && entry.action.startsWith('plan.') && version !== undefined) {
      byVersion.set(version, entry);
    }
  }
  const versions: PlanVersion[] = [];
  for (let at: Plan | null = plan; at !== null; ) {
    const entry: Entry | null = byVersion.get(at.version) ?? null;
    const after = members(entry?.after) ?? {};
    versions.push({ version: at.version, plan: at, entry, changed: entry?.before === undefined ? [] : Object.keys({ ...members(entry.before), ...after }).filter((name) => !SILENT.has(name)) });
    const older: Plan | null = entry === null ? null : before(at, entry);
    at = older !== null && older.version < at.version ? older : null;
  }
  return versions;
}
