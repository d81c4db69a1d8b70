/** Imported by the pages of schedules. */
import { icu } from './icu';
import { schedulesTexts } from './schedules.en';
import { register } from './t';

register(schedulesTexts, icu);
