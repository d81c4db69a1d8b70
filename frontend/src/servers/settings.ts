/** Launch settings of a server as lines to read; pure. */
import type { Schemas } from '../api/client';
import { humanize } from '../lib/status';

export interface Setting {
  name: string;
  value: string;
  /** Set for the server, not by its group. */
  own: boolean;
}

/** "Security group ids" of securityGroupIds. */
function words(key: string): string {
  return humanize(key.replace(/([a-z])([A-Z])/g, '$1 $2'));
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(textOf).join(', ');
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, v]) => `${key}=${textOf(v)}`).join(', ');
  }
  return String(value);
}

export function effectiveSettings(result: Schemas['ServerLaunchConfigResult']): Setting[] {
  const own = (result.launchTemplate ?? {}) as Record<string, unknown>;
  return Object.entries(result.effectiveConfig)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([key, value]) => ({ name: words(key), value: textOf(value), own: own[key] !== undefined }));
}
