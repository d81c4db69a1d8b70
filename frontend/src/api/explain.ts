/** Error codes in words: what happened and what to do about it. */
import { hasMessage, t } from '../i18n/t';
import type { ApiError } from './error';

function text(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(text).join(', ');
  }
  if (typeof value === 'object' && value !== null) {
    const named = value as Record<string, unknown>;
    return text(named.name ?? named.planName ?? named.executionId ?? named.jobId ?? named.sourceServerId ?? JSON.stringify(value));
  }
  return value === undefined || value === null ? '' : String(value);
}

/** A sentence for people; the server's own where we have none. */
export function explain(error: ApiError): string {
  if (error.status === 403) {
    const needed = text(error.body.required_permission);
    return needed === '' ? error.message : t('error.permission', { permission: needed });
  }
  const id = `error.${error.code}`;
  if (!hasMessage(id)) {
    return error.message;
  }
  const values: Record<string, string> = { message: error.message };
  for (const [key, value] of Object.entries(error.body)) {
    values[key] = text(value);
  }
  try {
    return t(id, values);
  } catch {
    // the body lacks a value that the text names
    return error.message;
  }
}
