/** Imported by what draws or feeds the graph of waves. */
import { graphTexts } from './graph.en';
import { icu } from './icu';
import { register } from './t';

register(graphTexts, icu);
