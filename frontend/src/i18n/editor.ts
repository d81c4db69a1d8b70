/** Imported by every editor. */
import { editorTexts } from './editor.en';
import { icu } from './icu';
import { register } from './t';

register(editorTexts, icu);
