/** What went wrong with a request, kept whole up to the view. */

export type FailureKind = 'http' | 'network' | 'timeout' | 'aborted' | 'format';

export class ApiError extends Error {
  readonly kind: FailureKind;
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  /** `code` of the body, else its `error`, else one of our own. */
  readonly code: string;
  /** The parsed body, when it was an object. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;
  /** Seconds the server asked to wait. */
  readonly retryAfter: number | null;

  constructor(init: {
    kind: FailureKind;
    status?: number;
    code: string;
    message: string;
    body?: Record<string, unknown>;
    requestId?: string | null;
    retryAfter?: number | null;
  }) {
    super(init.message);
    this.name = 'ApiError';
    this.kind = init.kind;
    this.status = init.status ?? 0;
    this.code = init.code;
    this.body = init.body ?? {};
    this.requestId = init.requestId ?? null;
    this.retryAfter = init.retryAfter ?? null;
  }

  /** Whether the same request may succeed without anybody doing anything. */
  get transient(): boolean {
    return this.kind === 'network' || this.kind === 'timeout' || [429, 502, 503, 504].includes(this.status);
  }
}

/** Anything that was thrown, as an ApiError. */
export function toApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) {
    return cause;
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ApiError({ kind: 'format', code: 'CLIENT_ERROR', message });
}

function str(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The error of an answer that is not 2xx; reads its body. */
export async function errorOf(answer: Response): Promise<ApiError> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(await answer.text());
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      body = parsed as Record<string, unknown>;
    }
  } catch {
    // a proxy's HTML page: the status has to do
  }
  const wait = Number(answer.headers.get('Retry-After'));
  return new ApiError({
    kind: 'http',
    status: answer.status,
    code: str(body.code) ?? str(body.error) ?? `HTTP_${String(answer.status)}`,
    message: str(body.message) ?? `The server answered ${String(answer.status)}.`,
    body,
    requestId: str(body.requestId) ?? answer.headers.get('X-Request-Id'),
    retryAfter: Number.isFinite(wait) && wait > 0 ? wait : null,
  });
}
