/** Imported when a request is refused for the first time. */
import { errorsTexts } from './errors.en';
import { icu } from './icu';
import { register } from './t';

register(errorsTexts, icu);
