/** Ids of requests that say which belong to one action of the user. */

const tab = crypto.randomUUID().slice(0, 8);
let action = 0;
let request = 0;

for (const name of ['pointerdown', 'keydown']) {
  window.addEventListener(name, () => {
    action += 1;
  }, { capture: true, passive: true });
}

/** Tab, action in it, request: the server and its logs keep it. */
export function requestId(): string {
  request += 1;
  return `${tab}-${String(action)}-${String(request)}`;
}
