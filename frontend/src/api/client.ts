/**
 * Typed requests. Paths, parameters, bodies and answers come from
 * openapi/drs.yaml (schema.d.ts is generated from it).
 */
import { requestId } from '../lib/action';
import { ApiError, errorOf } from './error';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

type Method = 'get' | 'post' | 'put' | 'delete';
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, infer Op> ? (Op extends undefined ? never : P) : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? NonNullable<paths[P][M]> : never;
type JsonOf<T> = T extends { content: { 'application/json': infer J } } ? J : undefined;
type Success<Op> = Op extends { responses: infer R }
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? JsonOf<R[S]> : never }[keyof R]
  : never;
type QueryOf<Op> = Op extends { parameters: { query?: infer Q } } ? NonNullable<Q> : Record<string, never>;
type PathOf<Op> = Op extends { parameters: { path: infer P } } ? P : undefined;
type BodyOf<Op> = Op extends { requestBody?: infer B } ? JsonOf<NonNullable<B>> : undefined;

export interface RequestOptions<Op> {
  path?: PathOf<Op>;
  query?: Partial<QueryOf<Op>>;
  body?: BodyOf<Op>;
  /** Makes repeating a change safe; the same key gets the same answer. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** What the client needs to know of the session. */
export interface TokenSource {
  /** The bearer token, fresh enough for a request now, or null. */
  token(): Promise<string | null>;
  /** Forces a new token after a 401; false when that cannot be done. */
  refresh(): Promise<boolean>;
  /** The session is over: go to sign-in. */
  expired(): void;
}

/** A request as it was, for the panel of the connection. */
export interface Trace {
  at: number;
  method: string;
  path: string;
  /** 0 when there was no answer. */
  status: number;
  ms: number;
  requestId: string | null;
}

const TRACED = 50;
const TIMEOUT_MS = 30_000;
const RETRIES = 3;
const PROBES_MS = [1_000, 2_000, 4_000];

export const sleep = (ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });

/** Milliseconds before try `attempt` (0-based), with jitter. */
export function backoff(attempt: number, error: ApiError | null, random = Math.random): number {
  if (error?.retryAfter != null) {
    return Math.min(error.retryAfter, 30) * 1000;
  }
  return Math.min(500 * 2 ** attempt, 8000) * (0.5 + random() / 2);
}

export function buildUrl(base: string, path: string, pathParams: unknown, query: unknown): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = (pathParams as Record<string, unknown> | undefined)?.[name];
    if (value === undefined) {
      throw new Error(`${path}: no value for {${name}}`);
    }
    return encodeURIComponent(String(value));
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null && value !== '') {
      search.set(name, Array.isArray(value) ? value.join(',') : String(value));
    }
  }
  const text = search.toString();
  return base + filled + (text === '' ? '' : `?${text}`);
}

export class ApiClient {
  /** The newest first. */
  traces: readonly Trace[] = [];
  /** Is told of each request. */
  traced: ((trace: Trace) => void) | null = null;

  constructor(
    readonly base: string,
    private readonly session: TokenSource,
  ) {}

  get<P extends PathsWith<'get'>>(path: P, options: RequestOptions<Operation<P, 'get'>> = {}) {
    return this.send('get', path, options);
  }

  post<P extends PathsWith<'post'>>(path: P, options: RequestOptions<Operation<P, 'post'>> = {}) {
    return this.send('post', path, options);
  }

  put<P extends PathsWith<'put'>>(path: P, options: RequestOptions<Operation<P, 'put'>> = {}) {
    return this.send('put', path, options);
  }

  delete<P extends PathsWith<'delete'>>(path: P, options: RequestOptions<Operation<P, 'delete'>> = {}) {
    return this.send('delete', path, options);
  }

  private async send<P extends keyof paths & string, M extends Method>(
    method: M,
    path: P,
    options: RequestOptions<Operation<P, M>>,
  ): Promise<Success<Operation<P, M>>> {
    const url = buildUrl(this.base, path, options.path, options.query);
    const repeatable = method === 'get' || options.idempotencyKey !== undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.authorised(method, url, options);
        if (!answer.ok) {
          // without them the server's own words have to do
          await import('../i18n/errors').catch(() => undefined);
          throw await errorOf(answer);
        }
        const text = await answer.text();
        return (text === '' ? undefined : JSON.parse(text)) as Success<Operation<P, M>>;
      } catch (cause) {
        const error = translate(cause, options.signal);
        if (!repeatable || !error.transient || attempt + 1 >= RETRIES || options.signal?.aborted) {
          throw error;
        }
        await sleep(backoff(attempt, error), options.signal);
      }
    }
  }

  /** One request; a 401 is met with one refresh and one repetition. */
  private async authorised(
    method: Method,
    url: string,
    options: { body?: unknown; idempotencyKey?: string; signal?: AbortSignal },
  ): Promise<Response> {
    let answer = await this.raw(method, url, options);
    if (answer.status === 401 && (await this.session.refresh())) {
      answer = await this.raw(method, url, options);
      if (answer.status === 401 && (await this.acceptable())) {
        answer = await this.raw(method, url, options);
      }
    }
    if (answer.status === 401) {
      this.session.expired();
    }
    return answer;
  }

  private probing: Promise<boolean> | null = null;

  /**
   * Whether a new token that was refused is accepted a moment later: the
   * server may have to fetch a new key of the provider first. One request
   * asks for all, since refused tokens are counted.
   */
  private acceptable(): Promise<boolean> {
    this.probing ??= this.probe().finally(() => {
      this.probing = null;
    });
    return this.probing;
  }

  private async probe(): Promise<boolean> {
    for (const wait of PROBES_MS) {
      await sleep(wait);
      if ((await this.raw('get', `${this.base}/user/permissions`, {})).status !== 401) {
        return true;
      }
    }
    return false;
  }

  private async raw(
    method: Method,
    url: string,
    options: { body?: unknown; idempotencyKey?: string; signal?: AbortSignal },
  ): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json', 'X-Request-Id': requestId() };
    const token = await this.session.token();
    if (token !== null) {
      headers.Authorization = `Bearer ${token}`;
    }
    if (options.body !== undefined) {
      headers['Content-Type'] = 'application/json';
    }
    if (options.idempotencyKey !== undefined) {
      headers['Idempotency-Key'] = options.idempotencyKey;
    }
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    const at = Date.now();
    let answer: Response | null = null;
    try {
      answer = await fetch(url, {
        method: method.toUpperCase(),
        headers,
        body: options.body === undefined ? null : JSON.stringify(options.body),
        signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
      });
      return answer;
    } finally {
      const trace: Trace = {
        at, method: method.toUpperCase(), path: url.slice(this.base.length), status: answer?.status ?? 0,
        ms: Date.now() - at, requestId: answer?.headers.get('X-Request-Id') ?? null,
      };
      this.traces = [trace, ...this.traces].slice(0, TRACED);
      this.traced?.(trace);
    }
  }
}

function translate(cause: unknown, signal?: AbortSignal): ApiError {
  if (cause instanceof ApiError) {
    return cause;
  }
  if (signal?.aborted) {
    return new ApiError({ kind: 'aborted', code: 'ABORTED', message: 'The request was given up.' });
  }
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return new ApiError({ kind: 'timeout', code: 'TIMEOUT', message: 'The server did not answer in 30 seconds.' });
  }
  if (cause instanceof SyntaxError) {
    return new ApiError({ kind: 'format', code: 'BAD_ANSWER', message: 'The answer of the server is not JSON.' });
  }
  return new ApiError({ kind: 'network', code: 'NETWORK', message: 'The server cannot be reached.' });
}
