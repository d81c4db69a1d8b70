/** State of a page that belongs into its address. */
import { useCallback, useContext } from 'react';
import { UNSAFE_DataRouterContext, useNavigate, useSearchParams } from 'react-router';

/**
 * Changes parameters in place; an empty value takes one away. Of the address
 * as it is, not as it was drawn last: on a busy machine a change that is not
 * drawn yet would be lost.
 */
export function useSetParams(): (changes: Readonly<Record<string, string>>) => void {
  const router = useContext(UNSAFE_DataRouterContext)?.router;
  const navigate = useNavigate();
  return useCallback(
    (changes) => {
      const next = new URLSearchParams(router?.state.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === '') {
          next.delete(name);
        } else {
          next.set(name, value);
        }
      }
      void navigate(`?${next.toString()}`, { replace: true });
    },
    [router, navigate],
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
