/** A page that has no heading after this time has failed. */
const LIMIT_MS = 15_000;

/** Where somebody is at work, or will be when it opens. */
const TAKEN = 'input, textarea, select, [role="tab"], [role="dialog"]';

/** True when there is nothing left to wait for. */
function focused(): boolean {
  if (document.activeElement?.closest(TAKEN) != null) {
    return true;
  }
  const heading = document.querySelector<HTMLElement>('#content h1');
  if (heading === null) {
    return false;
  }
  heading.tabIndex = -1;
  heading.focus();
  return true;
}

/** Moves the focus to the heading of the page as soon as it is there, unless the user does something first; returns what ends the wait. */
export function focusHeading(): () => void {
  if (focused()) {
    return () => undefined;
  }
  const end = () => {
    observer.disconnect();
    clearTimeout(timer);
    window.removeEventListener('keydown', end, true);
    window.removeEventListener('pointerdown', end, true);
  };
  const observer = new MutationObserver(() => {
    if (focused()) {
      end();
    }
  });
  observer.observe(document.getElementById('content') ?? document.body, { childList: true, subtree: true });
  const timer = setTimeout(end, LIMIT_MS);
  window.addEventListener('keydown', end, true);
  window.addEventListener('pointerdown', end, true);
  return end;
}
