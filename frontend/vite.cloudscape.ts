import type { Plugin } from 'vite';

/**
 * Parts of CloudScape that only serve the consoles of AWS, or whoever develops it,
 * and what the build has instead. Each costs time in every component: a look for
 * style sheets a second after it appeared, a search of the whole document for the
 * class of a theme at each drawing, marks and listeners for measurements that go nowhere.
 */
const INSTEAD: Readonly<Record<string, string>> = {
  'internal/hooks/use-base-component/styles-check.js': 'export function useMissingStylesCheck() {}',
  'internal/hooks/use-performance-marks/index.js': 'const NONE = {}; export function usePerformanceMarks() { return NONE; }',
  'internal/hooks/use-table-interaction-metrics/index.js':
    'const NONE = { tableInteractionAttributes: {}, setLastUserAction() {} }; export function useTableInteractionMetrics() { return NONE; }',
  // whoever follows users through forms; its contexts are new at each drawing, and so all links and buttons inside
  'internal/analytics/components/analytics-funnel.js': `
    import { createElement, useContext, useState } from 'react';
    import { FunnelStepContext, FunnelSubStepContext } from '../context/analytics-context';
    export const AnalyticsFunnel = ({ children }) => children;
    export function AnalyticsFunnelStep({ children }) {
      const step = useContext(FunnelStepContext);
      return typeof children === 'function' ? children(step) : children;
    }
    export function AnalyticsFunnelSubStep({ children }) {
      const outer = useContext(FunnelSubStepContext);
      const [own] = useState(() => ({ ...outer, subStepRef: { current: null } }));
      return createElement(FunnelSubStepContext.Provider, { value: own }, children);
    }`,
  // its only theme besides this one is switched on by a flag of the consoles of AWS
  'internal/hooks/use-visual-mode/index.js': 'export const useVisualRefresh = () => true; export const useOneTheme = () => false;',
};

/** Contexts that have a new value at each drawing of a table, and so draw every link and button in it. */
const STEADY: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'table/internal.js': [
    ["LinkDefaultVariantContext.Provider, { value: { defaultVariant: 'primary' } }", 'LinkDefaultVariantContext.Provider, { value: PRIMARY_LINKS }'],
    ['TableComponentsContextProvider, { value: { paginationRef, filterRef, preferencesRef, headerRef } }', 'TableComponentsContextProvider, { value: parts }'],
    ['const headerRef = useRef({});', 'const headerRef = useRef({});\n    const parts = useMemo(() => ({ paginationRef, filterRef, preferencesRef, headerRef }), []);'],
    ['const GRID_NAVIGATION_PAGE_SIZE', "const PRIMARY_LINKS = { defaultVariant: 'primary' };\nconst GRID_NAVIGATION_PAGE_SIZE"],
  ],
  // where arrow keys do not move from cell to cell
  'component-toolkit/mjs/internal/single-tab-stop/index.js': [
    ['const parentContext = useContext(SingleTabStopNavigationContext);', 'const parentContext = useContext(SingleTabStopNavigationContext);\n    const inactive = useRef(null);'],
    [': { navigationReset: false, navigationActive,', ': !navigationActive && inactive.current !== null ? inactive.current : (inactive.current = { navigationReset: false, navigationActive,'],
    ['updateFocusTarget, resetFocusTarget };', 'updateFocusTarget, resetFocusTarget });'],
  ],
};

const PACKAGES = /\/node_modules\/@cloudscape-design\/(?:components\/)?(.*\.js)$/;

export function leanCloudscape(): Plugin {
  const met = new Set<string>();
  return {
    name: 'lean-cloudscape',
    apply: 'build',
    enforce: 'pre',
    load(id) {
      const file = PACKAGES.exec(id)?.[1] ?? '';
      const instead = INSTEAD[file];
      if (instead === undefined) {
        return null;
      }
      met.add(file);
      return instead;
    },
    transform(code, id) {
      const file = PACKAGES.exec(id)?.[1] ?? '';
      const changes = STEADY[file];
      if (changes === undefined) {
        return null;
      }
      met.add(file);
      return changes.reduce((text, [from, to]) => {
        if (text.split(from).length !== 2) {
          this.error(`${file} of CloudScape is another one: see vite.cloudscape.ts`);
        }
        return text.replace(from, () => to);
      }, code);
    },
    buildEnd(error) {
      // another release has them elsewhere
      const gone = [...Object.keys(INSTEAD), ...Object.keys(STEADY)].filter((file) => !met.has(file));
      if (error === undefined && gone.length > 0) {
        this.error(`CloudScape has no ${gone.join(', ')} any more: see vite.cloudscape.ts`);
      }
    },
  };
}

/**
 * The error boundary of CloudScape, which is in the page of sign-in, formats
 * a description of the application with ICU. There is none, and the formatter
 * is the largest single thing that would be loaded for it.
 */
export function noFormatterInErrors(): Plugin {
  const EMPTY = '\0no-formatter';
  return {
    name: 'no-formatter-in-errors',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === 'intl-messageformat' && importer?.endsWith('/error-boundary/fallback.js') === true ? EMPTY : null,
    load: (id) => (id === EMPTY ? 'export default class {}' : null),
  };
}
