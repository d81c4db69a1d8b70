/** Imported by the pages of groups. */
import { groupsTexts } from './groups.en';
import { icu } from './icu';
import { register } from './t';

register(groupsTexts, icu);
