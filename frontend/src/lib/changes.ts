/** Where two versions of a document differ, member by member; pure. */

export interface FieldChange {
  field: string;
  /** As JSON; null where there is nothing. */
  before: string | null;
  after: string | null;
}

type Members = Readonly<Record<string, unknown>>;

/** Objects that differ in the order of their members only are the same. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(ordered);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, ordered(member)]));
  }
  return value;
}

export function fieldChanges(before: Members, after: Members): FieldChange[] {
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(ordered(value)));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((field) => ({ field, before: json(before[field]), after: json(after[field]) }))
    .filter((change) => change.before !== change.after);
}
