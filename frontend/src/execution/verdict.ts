import type { Indicator } from '../lib/status';
import type { Verdict } from './objectives';

/** The sign beside the word of a verdict. */
export const VERDICT_TYPE: Record<Verdict, Indicator> = {
  met: 'success', missed: 'error', unknown: 'info', excluded: 'stopped', running: 'in-progress',
};
