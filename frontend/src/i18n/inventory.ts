/** Imported by the pages of the server inventory. */
import { icu } from './icu';
import { inventoryTexts } from './inventory.en';
import './more';
import { register } from './t';

register(inventoryTexts, icu);
