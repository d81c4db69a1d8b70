import { icu } from './icu';
import { reportsTexts } from './reports.en';
import { register } from './t';

register(reportsTexts, icu);
