/**
 * Runtime configuration: config.json beside index.html, read at each start
 * with `no-store`, so that an operator changes it without a build.
 */

export type AuthConfig =
  | { adapter: 'local' }
  | {
      adapter: 'oidc';
      /** Issuer URL; its discovery document is read. */
      authority: string;
      clientId: string;
      scope: string;
      /** Which token goes to the API. Cognito-like pools need the id token. */
      token: 'id_token' | 'access_token';
      /** Offer the break-glass sign-in of the server as well. */
      allowLocal: boolean;
      /** Where sign-out goes for providers without an end-session endpoint. */
      logoutUrl?: string;
    };

const COLORS = ['grey', 'green', 'blue', 'amber', 'red'] as const;
export type EnvironmentColor = (typeof COLORS)[number];

/** Parts that a site can switch off. Who may use what is on is a matter of roles. */
const FEATURES = ['recovery', 'schedules', 'reports', 'transfer', 'webhooks', 'wallboard'] as const;
export type Feature = (typeof FEATURES)[number];

export interface ConsoleConfig {
  /** Absolute base URL of the API, no slash at the end. */
  apiBase: string;
  auth: AuthConfig;
  /** `auto`: event stream, and polling where streams are blocked. */
  live: 'auto' | 'polling';
  /** Seconds between two polls of what is on the screen. */
  pollSeconds: number;
  /** Minutes without input after which the console signs out. */
  idleMinutes: number;
  /** Shown beside the product's name; with a colour in a band above it. */
  environment: { name: string; color: EnvironmentColor | null } | null;
  /** After this many days without one a drill is overdue. */
  drillMaxAgeDays: number;
  /** Hours after which somebody should look whether a drill's instances are still needed. */
  instancesLeftHours: number;
  /** Targets of plans that have none of their own. */
  rtoTargetMinutes: number;
  rpoTargetMinutes: number;
  /** Where figures of the pages and their faults are sent; null: nowhere. */
  telemetryUrl: string | null;
  switchedOff: ReadonlySet<Feature>;
  /** `{region}` and `{instanceId}` are filled in; only https. */
  consoleUrl: string;
}

export class ConfigError extends Error {}

const CONSOLE_URL =
  'https://{region}.console.aws.amazon.com/ec2/home?region={region}#InstanceDetails:instanceId={instanceId}';

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(source: Json, key: string, fallback?: string): string {
  const value = source[key] ?? fallback;
  if (typeof value !== 'string' || value === '') {
    throw new ConfigError(`config.json: "${key}" must be a text`);
  }
  return value;
}

function number(source: Json, key: string, fallback: number, min: number, max: number): number {
  const value = source[key] ?? fallback;
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw new ConfigError(`config.json: "${key}" must be a number from ${String(min)} to ${String(max)}`);
  }
  return value;
}

function oneOf<T extends string>(source: Json, key: string, values: readonly T[], fallback: T): T {
  const value = source[key] ?? fallback;
  const found = values.find((v) => v === value);
  if (found === undefined) {
    throw new ConfigError(`config.json: "${key}" must be one of ${values.join(', ')}`);
  }
  return found;
}

function parseAuth(value: unknown): AuthConfig {
  if (!isObject(value)) {
    throw new ConfigError('config.json: "auth" must be an object');
  }
  if (oneOf(value, 'adapter', ['local', 'oidc'] as const, 'local') === 'local') {
    return { adapter: 'local' };
  }
  const auth: AuthConfig = {
    adapter: 'oidc',
    authority: text(value, 'authority'),
    clientId: text(value, 'clientId'),
    scope: text(value, 'scope', 'openid email profile'),
    token: oneOf(value, 'token', ['id_token', 'access_token'] as const, 'id_token'),
    allowLocal: value.allowLocal === true,
  };
  if (value.logoutUrl !== undefined) {
    auth.logoutUrl = text(value, 'logoutUrl');
  }
  return auth;
}

/** `{"webhooks": false}`: all that is not named is on. */
function parseFeatures(value: unknown): ReadonlySet<Feature> {
  if (!isObject(value)) {
    throw new ConfigError('config.json: "features" must be an object');
  }
  return new Set(FEATURES.filter((feature) => {
    const on = value[feature] ?? true;
    if (typeof on !== 'boolean') {
      throw new ConfigError(`config.json: "features.${feature}" must be true or false`);
    }
    return !on;
  }));
}

/** Checks the parsed file; throws ConfigError that names the key. */
export function parseConfig(raw: unknown, base: string): ConsoleConfig {
  if (!isObject(raw)) {
    throw new ConfigError('config.json: an object is expected');
  }
  const environment = isObject(raw.environment)
    ? { name: text(raw.environment, 'name'), color: raw.environment.color === undefined ? null : oneOf(raw.environment, 'color', COLORS, 'grey') }
    : null;
  const consoleUrl = text(raw, 'consoleUrl', CONSOLE_URL);
  if (!consoleUrl.startsWith('https://')) {
    throw new ConfigError('config.json: "consoleUrl" must begin with https://');
  }
  return {
    apiBase: new URL(text(raw, 'apiBase', 'api'), base).href.replace(/\/+$/, ''),
    auth: parseAuth(raw.auth ?? { adapter: 'local' }),
    live: oneOf(raw, 'live', ['auto', 'polling'] as const, 'auto'),
    pollSeconds: number(raw, 'pollSeconds', 5, 1, 300),
    idleMinutes: number(raw, 'idleMinutes', 45, 1, 1440),
    environment,
    drillMaxAgeDays: number(raw, 'drillMaxAgeDays', 90, 1, 3650),
    instancesLeftHours: number(raw, 'instancesLeftHours', 24, 1, 8760),
    rtoTargetMinutes: number(raw, 'rtoTargetMinutes', 240, 1, 525_600),
    rpoTargetMinutes: number(raw, 'rpoTargetMinutes', 30, 1, 525_600),
    telemetryUrl: raw.telemetryUrl === undefined ? null : new URL(text(raw, 'telemetryUrl'), base).href,
    switchedOff: parseFeatures(raw.features ?? {}),
    consoleUrl,
  };
}

declare global {
  interface Window {
    drsConfig?: Promise<Response>;
  }
}

/** Fetches and checks config.json. */
export async function loadConfig(): Promise<ConsoleConfig> {
  const url = new URL('config.json', document.baseURI);
  let raw: unknown;
  try {
    // asked for by theme.js, once
    const early = window.drsConfig;
    delete window.drsConfig;
    const answer = await (early ?? fetch(url, { cache: 'no-store' }));
    if (!answer.ok) {
      throw new ConfigError(`config.json: the server answered ${String(answer.status)}`);
    }
    raw = await answer.json();
  } catch (cause) {
    if (cause instanceof ConfigError) {
      throw cause;
    }
    throw new ConfigError('config.json: cannot be read or is not JSON', { cause });
  }
  return parseConfig(raw, document.baseURI);
}

/** Path prefix under which the console is served, for the router. */
export function basename(): string {
  return new URL('.', document.baseURI).pathname.replace(/\/+$/, '') || '/';
}
