/** Imported by the panel of the connection. */
import { connectionTexts } from './connection.en';
import { icu } from './icu';
import { register } from './t';

register(connectionTexts, icu);
