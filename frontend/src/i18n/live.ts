/** Imported by the parts of runs that are loaded after their page. */
import { icu } from './icu';
import { liveTexts } from './live.en';
import { register } from './t';

register(liveTexts, icu);
