import { useSyncExternalStore } from 'react';

/** Phones, and small screens at 200 % zoom, as CloudScape has it: tables would only be seen piece by piece. */
const PHONE = '(max-width: 688px)';

// where nothing is drawn there is no such function
const media = (): MediaQueryList | null => (typeof window.matchMedia === 'function' ? window.matchMedia(PHONE) : null);

function subscribe(listener: () => void): () => void {
  const query = media();
  query?.addEventListener('change', listener);
  return () => query?.removeEventListener('change', listener);
}

export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => media()?.matches ?? false);
