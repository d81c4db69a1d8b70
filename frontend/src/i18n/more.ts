/** Imported by every page that is not among the first that are seen. */
import { icu } from './icu';
import { moreTexts } from './more.en';
import { register } from './t';

register(moreTexts, icu);
