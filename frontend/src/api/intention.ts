import { useRef } from 'react';
import { toApiError } from './error';

/**
 * The Idempotency-Key of something that a person does. What was not answered
 * is sent again under the same key, and happens once. After an answer, also a
 * refusal, the next try is a new one: the server would repeat the first answer.
 */
export function useIntention() {
  const pending = useRef({ body: '', key: '' });
  return {
    keyOf: (body: unknown): string => {
      const text = JSON.stringify(body);
      if (pending.current.body !== text) {
        pending.current = { body: text, key: crypto.randomUUID() };
      }
      return pending.current.key;
    },
    /** To be told of every end; null for a success. */
    ended: (cause: unknown): void => {
      if (cause === null || toApiError(cause).kind === 'http') {
        pending.current = { body: '', key: '' };
      }
    },
  };
}
