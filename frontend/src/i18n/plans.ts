/** Imported by what shows plans, starts and checks. */
import { icu } from './icu';
import { plansTexts } from './plans.en';
import { register } from './t';

register(plansTexts, icu);
