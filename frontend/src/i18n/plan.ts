/** Imported by the plan editor and the start dialog. */
import { icu } from './icu';
import { planTexts } from './plan.en';
import { register } from './t';

register(planTexts, icu);
