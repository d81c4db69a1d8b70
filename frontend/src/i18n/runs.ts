/** Imported by the pages of runs. */
import { icu } from './icu';
import { runsTexts } from './runs.en';
import { register } from './t';

register(runsTexts, icu);
