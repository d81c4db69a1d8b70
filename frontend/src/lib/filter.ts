/** Conditions on the properties of rows, as property filters have them. */

export type Operator = '=' | '!=' | ':' | '!:' | '>' | '>=' | '<' | '<=';

export interface Condition {
  propertyKey?: string;
  operator: string;
  value: unknown;
}

export interface Query {
  tokens: readonly Condition[];
  operation: 'and' | 'or';
}

export type PropertyValue = string | number | null | undefined;

export interface Property<T> {
  key: string;
  values: (row: T) => PropertyValue | readonly PropertyValue[];
}

function listOf(value: PropertyValue | readonly PropertyValue[]): (string | number)[] {
  const list = typeof value === 'object' && value !== null ? value : [value as PropertyValue];
  return list.filter((v): v is string | number => v !== null && v !== undefined && v !== '');
}

function holds(values: readonly (string | number)[], operator: string, wanted: unknown): boolean {
  const text = String(wanted).toLowerCase();
  const equal = (v: string | number) => String(v).toLowerCase() === text;
  const contains = (v: string | number) => String(v).toLowerCase().includes(text);
  const number = Number(wanted);
  switch (operator) {
    case '=':
      return text === '' ? values.length === 0 : values.some(equal);
    case '!=':
      return text === '' ? values.length > 0 : !values.some(equal);
    case '!:':
      return !values.some(contains);
    case '>':
      return values.some((v) => Number(v) > number);
    case '>=':
      return values.some((v) => Number(v) >= number);
    case '<':
      return values.some((v) => Number(v) < number);
    case '<=':
      return values.some((v) => Number(v) <= number);
    default:
      return values.some(contains);
  }
}

/** What lets the rows through that meet the query; null when it has no condition. */
export function predicateOf<T>(query: Query, properties: readonly Property<T>[]): ((row: T) => boolean) | null {
  if (query.tokens.length === 0) {
    return null;
  }
  const tests = query.tokens.map(({ propertyKey, operator, value }) => {
    const asked = propertyKey === undefined ? properties : properties.filter((p) => p.key === propertyKey);
    return (row: T) => holds(asked.flatMap((p) => listOf(p.values(row))), operator, value);
  });
  return query.operation === 'or' ? (row) => tests.some((test) => test(row)) : (row) => tests.every((test) => test(row));
}

/** A query as text for the address; empty for one without condition. */
export function writeQuery(query: Query): string {
  return query.tokens.length === 0 ? '' : JSON.stringify([query.operation, ...query.tokens.map((c) => [c.propertyKey ?? '', c.operator, c.value])]);
}

/** What writeQuery() wrote; anything else is no condition. */
export function readQuery(text: string | null): Query {
  const none: Query = { tokens: [], operation: 'and' };
  if (text === null || text === '') {
    return none;
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return none;
  }
  if (!Array.isArray(raw) || (raw[0] !== 'and' && raw[0] !== 'or')) {
    return none;
  }
  const tokens = raw.slice(1).flatMap((item: unknown): Condition[] =>
    Array.isArray(item) && item.length === 3 && typeof item[0] === 'string' && typeof item[1] === 'string' && typeof item[2] === 'string'
      ? [{ operator: item[1], value: item[2], ...(item[0] === '' ? {} : { propertyKey: item[0] }) }]
      : [],
  );
  return { tokens, operation: raw[0] };
}
