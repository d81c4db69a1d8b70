/** Imported by the settings of notifications, webhooks and what the server says of itself. */
import { icu } from './icu';
import { notifyTexts } from './notify.en';
import { register } from './t';

register(notifyTexts, icu);
