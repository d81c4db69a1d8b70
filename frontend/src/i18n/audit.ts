/** Imported by what shows the audit trail. */
import { auditTexts } from './audit.en';
import { icu } from './icu';
import { register } from './t';

register(auditTexts, icu);
