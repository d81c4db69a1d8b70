/** Imported by the command palette and the keyboard help. */
import { icu } from './icu';
import { keyboardTexts } from './keyboard.en';
import { register } from './t';

register(keyboardTexts, icu);
