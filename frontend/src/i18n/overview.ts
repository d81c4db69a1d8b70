/** Imported by the part of the dashboard that is loaded later. */
import { icu } from './icu';
import './more';
import { overviewTexts } from './overview.en';
import { register } from './t';

register(overviewTexts, icu);
