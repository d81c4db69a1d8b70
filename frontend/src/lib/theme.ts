import {
  colorBackgroundContainerContent,
  colorBackgroundLayoutMain,
  colorBorderDividerDefault,
  colorBackgroundNotificationRed,
  colorBackgroundNotificationSeverityCritical,
  colorTextBodyDefault,
  colorTextNotificationDefault,
  colorTextNotificationSeverityCritical,
  colorTextStatusError,
  colorTextStatusInactive,
  colorTextStatusInfo,
  colorTextStatusSuccess,
  colorTextStatusWarning,
  fontFamilyBase,
  // the package design-tokens names the variables of other releases
} from '../../node_modules/@cloudscape-design/components/internal/generated/styles/tokens.js';
import { applyDensity, applyMode, Density, disableMotion, Mode } from '@cloudscape-design/global-styles';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type DensityChoice = 'comfortable' | 'compact';

const THEME = 'drs-console:theme';
const DENSITY = 'drs-console:density';
const system = () => window.matchMedia('(prefers-color-scheme: dark)');

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // blocked storage: the choice lasts until the reload
  }
}

export function themeChoice(): ThemeChoice {
  const value = read(THEME);
  return value === 'light' || value === 'dark' ? value : 'system';
}

export function densityChoice(): DensityChoice {
  return read(DENSITY) === 'compact' ? 'compact' : 'comfortable';
}

const listeners = new Set<() => void>();

export function subscribeTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What is shown now, by choice or as the system. */
export const isDark = (): boolean => document.documentElement.dataset.theme === 'dark';

function paint(choice: ThemeChoice): void {
  const dark = choice === 'dark' || (choice === 'system' && system().matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  applyMode(dark ? Mode.Dark : Mode.Light);
  for (const listener of listeners) {
    listener();
  }
}

/** Paper is light. */
export function lightForPrint(): void {
  paint('light');
}

export function followTheme(): void {
  paint(themeChoice());
}

export function setTheme(choice: ThemeChoice): void {
  write(THEME, choice);
  paint(choice);
}

export function setDensity(choice: DensityChoice): void {
  write(DENSITY, choice);
  applyDensity(choice === 'compact' ? Density.Compact : Density.Comfortable);
}

/** Colours and font of our own drawings under names that stay the same. */
const LOOK = {
  '--drs-background': colorBackgroundLayoutMain,
  '--drs-container': colorBackgroundContainerContent,
  '--drs-text': colorTextBodyDefault,
  '--drs-success': colorTextStatusSuccess,
  '--drs-info': colorTextStatusInfo,
  '--drs-warning': colorTextStatusWarning,
  '--drs-error': colorTextStatusError,
  '--drs-inactive': colorTextStatusInactive,
  '--drs-danger': colorBackgroundNotificationRed,
  '--drs-danger-text': colorTextNotificationDefault,
  '--drs-danger-over': colorBackgroundNotificationSeverityCritical,
  '--drs-danger-over-text': colorTextNotificationSeverityCritical,
  '--drs-border': colorBorderDividerDefault,
  '--drs-font': fontFamilyBase,
};

/** Applies stored choices and follows the system from then on. */
export function startTheme(): void {
  for (const [name, value] of Object.entries(LOOK)) {
    document.body.style.setProperty(name, value);
  }
  paint(themeChoice());
  applyDensity(densityChoice() === 'compact' ? Density.Compact : Density.Comfortable);
  disableMotion(window.matchMedia('(prefers-reduced-motion: reduce)').matches);
  system().addEventListener('change', () => {
    if (themeChoice() === 'system') {
      paint('system');
    }
  });
}
