/** Imported by the panel of help. */
import { helpTexts } from './help.en';
import { icu } from './icu';
import { register } from './t';

register(helpTexts, icu);
