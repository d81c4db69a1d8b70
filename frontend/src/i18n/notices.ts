/** Imported by the notification centre and what feeds it. */
import { icu } from './icu';
import { noticesTexts } from './notices.en';
import { register } from './t';

register(noticesTexts, icu);
