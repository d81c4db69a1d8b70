/** Imported by the page of the capacity. */
import { capacityTexts } from './capacity.en';
import { icu } from './icu';
import './more';
import { register } from './t';

register(capacityTexts, icu);
