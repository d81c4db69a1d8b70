import { useEffect, useState } from 'react';

/** The value once it has stayed the same for `ms`; compared as JSON. */
export function useDebounced<T>(value: T, ms = 300): T {
  const [settled, set] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      set(JSON.parse(text) as T);
    }, ms);
    return () => {
      clearTimeout(timer);
    };
  }, [text, ms]);
  return settled;
}
