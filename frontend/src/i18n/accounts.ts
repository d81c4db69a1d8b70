/** Imported by what adds accounts. */
import { accountsTexts } from './accounts.en';
import { icu } from './icu';
import './more';
import { register } from './t';

register(accountsTexts, icu);
