/** Opens the command palette from anywhere, whether its code is loaded or not. */
export const PALETTE = 'drs-palette';

export function openPalette(): void {
  window.dispatchEvent(new Event(PALETTE));
}
