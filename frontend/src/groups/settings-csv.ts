/** Settings of single servers as a table for spreadsheets; pure. */
import { t } from '../i18n/t';
import { csv, parseCsv } from '../lib/csv';
import { ipv4 } from './address';
import { compact, FIELDS, read, write, type Field, type Override } from './settings';

interface Row {
  id: string;
  name: string;
}

const HEADER = ['sourceServerId', 'name', 'useGroupDefaults', ...FIELDS.map((f) => f.id)];

/** What servers have of their own; an empty cell is as the group has it. */
export function writeSettings(servers: readonly Row[], of: (serverId: string) => Override): string {
  return csv(
    HEADER,
    servers.map(({ id, name }) => {
      const { useGroupDefaults, launchTemplate } = of(id);
      return [id, name, String(useGroupDefaults), ...FIELDS.map((f) => read(launchTemplate, f.id))];
    }),
  );
}

export interface ReadResult {
  overrides: Map<string, Override>;
  problems: string[];
}

function valueProblem(f: Field, text: string): string | null {
  switch (f.kind) {
    case 'choice':
      return f.values.includes(text) ? null : t('csv.problem.value', { values: f.values.join(', ') });
    case 'address':
      return ipv4(text) === null ? t('address.INVALID_IP_FORMAT') : null;
    case 'list':
      return text.split(/[\s,;]+/).every((s) => /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/.test(s)) ? null : t('csv.problem.groups');
    default:
      return f.id !== 'subnetId' || /^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/.test(text) ? null : t('csv.problem.subnet');
  }
}

/** true and false as spreadsheets write them. */
function cell(f: Field, text: string): string {
  return f.kind === 'choice' && /^(true|false)$/i.test(text) ? text.toLowerCase() : text;
}

/**
 * The overrides a file asks for. Columns that it has not stay as they are;
 * nothing of a file with a problem is taken over.
 */
export function readSettings(text: string, members: ReadonlySet<string>, of: (serverId: string) => Override): ReadResult {
  const [head, ...rows] = parseCsv(text);
  const problems: string[] = [];
  const overrides = new Map<string, Override>();
  const columns = (head ?? []).map((c) => c.trim());
  const idAt = columns.indexOf('sourceServerId');
  if (idAt < 0) {
    return { overrides, problems: [t('csv.problem.id')] };
  }
  const unknown = columns.filter((c) => c !== '' && !HEADER.some((h) => h === c));
  if (unknown.length > 0) {
    problems.push(t('csv.problem.columns', { columns: unknown.join(', '), known: HEADER.join(', ') }));
  }
  const twice = columns.filter((c, i) => c !== '' && columns.indexOf(c) !== i);
  if (twice.length > 0) {
    problems.push(t('csv.problem.column.twice', { columns: twice.join(', ') }));
  }
  rows.forEach((row, index) => {
    const line = index + 2;
    const id = (row[idAt] ?? '').trim();
    if (row.every((c) => c.trim() === '')) {
      return;
    }
    if (!members.has(id)) {
      problems.push(t('csv.problem.member', { line, id: id === '' ? '–' : id }));
      return;
    }
    if (overrides.has(id)) {
      problems.push(t('csv.problem.twice', { line, id }));
      return;
    }
    const old = of(id);
    let template = old.launchTemplate;
    let useGroupDefaults = old.useGroupDefaults;
    columns.forEach((column, at) => {
      const value = (row[at] ?? '').trim();
      const found = FIELDS.find((f) => f.id === column);
      if (column === 'useGroupDefaults' && value !== '') {
        if (!/^(true|false)$/i.test(value)) {
          problems.push(t('csv.problem.cell', { line, column, problem: t('csv.problem.value', { values: 'true, false' }) }));
        }
        useGroupDefaults = value.toLowerCase() !== 'false';
      }
      if (found === undefined) {
        return;
      }
      const wanted = cell(found, value);
      const problem = wanted === '' ? null : valueProblem(found, wanted);
      if (problem !== null) {
        problems.push(t('csv.problem.cell', { line, column, problem }));
        return;
      }
      template = write(template, found, wanted);
    });
    overrides.set(id, { useGroupDefaults, launchTemplate: compact(template) });
  });
  if (problems.length === 0 && overrides.size === 0) {
    problems.push(t('csv.problem.empty'));
  }
  return { overrides, problems };
}
