/** Named filters of a list that a user keeps in this browser. */

/** Its name, and parameters of the address. */
export type View = Readonly<Record<string, string>> & { readonly name: string };

export const VIEWS_MAX = 50;

/** Whether a value is a list of views with these parameters. */
export function viewsWith(params: readonly string[]): (value: unknown) => value is View[] {
  return (value): value is View[] =>
    Array.isArray(value) &&
    value.every((v: unknown) => {
      const view = v as Partial<View> | null;
      return typeof view === 'object' && view !== null && ['name', ...params].every((key) => typeof view[key] === 'string');
    });
}

/** With the view added, or in the place of one with the same name. */
export function putView(views: readonly View[], view: View): View[] {
  const others = views.filter((v) => v.name.toLowerCase() !== view.name.toLowerCase());
  return [...others, view].sort((a, b) => a.name.localeCompare(b.name)).slice(0, VIEWS_MAX);
}
