import { useEffect, useRef, useState } from 'react';

/** Often enough for ears. */
const EVERY_MS = 10_000;

/** Tells readers of the screen what changes: at once when `urgent` does, else every ten seconds at most. */
export function Announce({ text, urgent }: { text: string; urgent: string }) {
  const [said, say] = useState(text);
  const last = useRef({ urgent, at: -EVERY_MS });
  useEffect(() => {
    const wait = last.current.urgent === urgent ? Math.max(0, last.current.at + EVERY_MS - performance.now()) : 0;
    const timer = setTimeout(() => {
      last.current = { urgent, at: performance.now() };
      say(text);
    }, wait);
    return () => {
      clearTimeout(timer);
    };
  }, [text, urgent]);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {said}
    </div>
  );
}
