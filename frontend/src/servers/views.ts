/** Named filters of the inventory that a user keeps in this browser. */

export interface View {
  name: string;
  /** Parameters of the address. */
  show: string;
  filter: string;
  scope: string;
}

export const VIEWS_MAX = 50;

export function isViews(value: unknown): value is View[] {
  return (
    Array.isArray(value) &&
    value.every((v: unknown) => {
      const view = v as Partial<View> | null;
      return typeof view === 'object' && view !== null && [view.name, view.show, view.filter, view.scope].every((x) => typeof x === 'string');
    })
  );
}

/** With the view added, or in the place of one with the same name. */
export function putView(views: readonly View[], view: View): View[] {
  const others = views.filter((v) => v.name.toLowerCase() !== view.name.toLowerCase());
  return [...others, view].sort((a, b) => a.name.localeCompare(b.name)).slice(0, VIEWS_MAX);
}
