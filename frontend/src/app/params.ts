/** State of a page that belongs into its address. */
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** Changes parameters in place; an empty value takes one away. */
export function useSetParams(): (changes: Readonly<Record<string, string>>) => void {
  const [, setParams] = useSearchParams();
  return useCallback(
    (changes) => {
      setParams(
        (old) => {
          const next = new URLSearchParams(old);
          for (const [name, value] of Object.entries(changes)) {
            if (value === '') {
              next.delete(name);
            } else {
              next.set(name, value);
            }
          }
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
}

/** One parameter; empty when it is not there. */
export function useParam(name: string): [string, (value: string) => void] {
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const set = useCallback(
    (value: string) => {
      setParams({ [name]: value });
    },
    [name, setParams],
  );
  return [params.get(name) ?? '', set];
}
