/** Imported by export and import. */
import { icu } from './icu';
import { register } from './t';
import { transferTexts } from './transfer.en';

register(transferTexts, icu);
