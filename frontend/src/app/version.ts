/** Whether the server has another build of the console than the one that runs here. */
import { useEffect, useState } from 'react';

const EVERY_MS = 10 * 60_000;
/** Not more often than this, however often the tab is looked at. */
const LEAST_MS = 60_000;

/** The built script that a page starts, by its name with the hash; null in development. */
export function scriptOf(html: string): string | null {
  return /assets\/index-[\w-]+\.js/.exec(html)?.[0] ?? null;
}

const running = () => scriptOf(document.querySelector('script[type=module]')?.getAttribute('src') ?? '');

async function served(): Promise<string | null> {
  try {
    const answer = await fetch(new URL('index.html', document.baseURI), { cache: 'no-cache' });
    return answer.ok ? scriptOf(await answer.text()) : null;
  } catch {
    return null;
  }
}

/** Looks when the tab is shown again, now and then, and when a part of the page is missing on the server. */
export function useNewVersion(): boolean {
  const [found, setFound] = useState(false);
  useEffect(() => {
    const own = running();
    if (own === null || found) {
      return;
    }
    let last = Date.now();
    const look = (least: number) => {
      if (document.visibilityState === 'hidden' || Date.now() - last < least) {
        return;
      }
      last = Date.now();
      void served().then((now) => {
        setFound(now !== null && now !== own);
      });
    };
    const shown = () => {
      look(LEAST_MS);
    };
    const missing = () => {
      look(0);
    };
    const timer = setInterval(shown, EVERY_MS);
    document.addEventListener('visibilitychange', shown);
    window.addEventListener('vite:preloadError', missing);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', shown);
      window.removeEventListener('vite:preloadError', missing);
    };
  }, [found]);
  return found;
}
