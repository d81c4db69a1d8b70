/** Imported by what shows Regions. */
import { icu } from './icu';
import { placesTexts } from './places.en';
import { register } from './t';

register(placesTexts, icu);
