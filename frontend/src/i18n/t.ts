/**
 * Texts of the console. Every text a person reads has an id, and is in ICU
 * MessageFormat in the file that is loaded when it is first needed:
 * start.en.ts before sign-in, en.ts after it, more.en.ts with further pages.
 */
import type { accountsTexts } from './accounts.en';
import type { auditTexts } from './audit.en';
import type { capacityTexts } from './capacity.en';
import type { connectionTexts } from './connection.en';
import type { editorTexts } from './editor.en';
import type { texts } from './en';
import type { errorsTexts } from './errors.en';
import type { graphTexts } from './graph.en';
import type { groupsTexts } from './groups.en';
import type { helpTexts } from './help.en';
import type { inventoryTexts } from './inventory.en';
import type { keyboardTexts } from './keyboard.en';
import type { liveTexts } from './live.en';
import type { moreTexts } from './more.en';
import type { noticesTexts } from './notices.en';
import type { notifyTexts } from './notify.en';
import type { overviewTexts } from './overview.en';
import type { placesTexts } from './places.en';
import type { planTexts } from './plan.en';
import type { plansTexts } from './plans.en';
import type { reportsTexts } from './reports.en';
import type { runsTexts } from './runs.en';
import type { schedulesTexts } from './schedules.en';
import type { transferTexts } from './transfer.en';
import { startTexts } from './start.en';

export type MessageId =
  | keyof typeof startTexts
  | keyof typeof texts
  | keyof typeof moreTexts
  | keyof typeof accountsTexts
  | keyof typeof capacityTexts
  | keyof typeof connectionTexts
  | keyof typeof editorTexts
  | keyof typeof errorsTexts
  | keyof typeof graphTexts
  | keyof typeof groupsTexts
  | keyof typeof helpTexts
  | keyof typeof placesTexts
  | keyof typeof planTexts
  | keyof typeof plansTexts
  | keyof typeof inventoryTexts
  | keyof typeof keyboardTexts
  | keyof typeof liveTexts
  | keyof typeof noticesTexts
  | keyof typeof overviewTexts
  | keyof typeof reportsTexts
  | keyof typeof runsTexts
  | keyof typeof auditTexts
  | keyof typeof notifyTexts
  | keyof typeof transferTexts
  | keyof typeof schedulesTexts;
export type Values = Record<string, string | number | Date | null | undefined>;
type Formatter = (id: string, source: string, values: Values) => string;

const catalogue: Record<string, string> = { ...startTexts };

/** Enough for the texts before sign-in: names are replaced, no plurals. */
let format: Formatter = (_id, source, values) =>
  source.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));

/** Adds the texts of the pages and what formats them; loaded with them. */
export function register(more: Readonly<Record<string, string>>, formatter: Formatter): void {
  Object.assign(catalogue, more);
  format = formatter;
}

/** The text with values filled in. */
export function t(id: MessageId, values?: Values): string {
  const source = catalogue[id] ?? id;
  return values === undefined ? source : format(id, source, values);
}

/** Whether the catalogue has a text of this id; for ids made of data. */
export function hasMessage(id: string): id is MessageId {
  return Object.hasOwn(catalogue, id);
}
