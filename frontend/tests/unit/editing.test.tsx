// Drafts, and two people who edit the same thing (ui.md 5.13).
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import Input from '@cloudscape-design/components/input';
import { act, cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useEffect, useState } from 'react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/error';
import { BaseContext, ServicesContext } from '../../src/app/context';
import { EditorForm, refusedFields } from '../../src/components/EditorForm';
import { texts } from '../../src/i18n/en';
import { editorTexts } from '../../src/i18n/editor.en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { planTexts } from '../../src/i18n/plan.en';
import { register } from '../../src/i18n/t';
import { dropKept, keep, readKept } from '../../src/lib/kept';
import { differences, field, merged } from '../../src/lib/merge';
import { draftOf, emptyPlan, emptyWave, planField, planParts } from '../../src/plans/draft';
import { answer, services } from './page';

register({ ...texts, ...moreTexts, ...planTexts, ...editorTexts }, icu);

beforeEach(() => {
  sessionStorage.clear();
});
afterEach(cleanup);

describe('kept drafts', () => {
  it('belong to a user, and go when they are dropped', () => {
    keep('ann', 'plan:1', { version: 3, base: { name: 'a' }, draft: { name: 'b' }, at: 5 });
    expect(readKept('ann', 'plan:1', { name: '' })).toEqual({ version: 3, base: { name: 'a' }, draft: { name: 'b' }, at: 5 });
    expect(readKept('bob', 'plan:1', { name: '' })).toBeNull();
    dropKept('ann', 'plan:1');
    expect(readKept('ann', 'plan:1', { name: '' })).toBeNull();
  });

  it('of another release are not taken', () => {
    keep('ann', 'plan:1', { version: 3, base: { name: 'a' }, draft: { name: 'b' }, at: 5 });
    expect(readKept('ann', 'plan:1', { name: '', waves: [] })).toBeNull();
    sessionStorage.setItem('drs-console:draft:ann:plan:2', '{');
    expect(readKept('ann', 'plan:2', { name: '' })).toBeNull();
  });
});

interface Note {
  name: string;
  text: string;
}
const PARTS = [field<Note, 'name'>('name', 'Name'), field<Note, 'text'>('text', 'Text')];

describe('two versions', () => {
  const base = { name: 'a', text: 'x' };

  it('differ by who changed what', () => {
    const by = (mine: Note, theirs: Note) => differences(PARTS, base, mine, theirs).map((d) => [d.part.id, d.changedBy]);
    expect(by({ name: 'b', text: 'x' }, { name: 'a', text: 'y' })).toEqual([['name', 'mine'], ['text', 'theirs']]);
    expect(by({ name: 'b', text: 'x' }, { name: 'c', text: 'x' })).toEqual([['name', 'both']]);
    expect(by({ name: 'b', text: 'x' }, { name: 'b', text: 'x' })).toEqual([]);
  });

  it('become one by choice', () => {
    const [mine, theirs] = [{ name: 'b', text: 'x' }, { name: 'c', text: 'y' }];
    expect(merged(differences(PARTS, base, mine, theirs), { text: 'theirs' }, mine, theirs)).toEqual({ name: 'b', text: 'y' });
  });
});

describe('two versions of a plan', () => {
  const wave = (waveNumber: number, waveName: string, ...dependsOnWaves: number[]) => ({
    waveNumber, waveName, protectionGroupId: 'g', protectionGroupIds: ['g'], serverIds: [], pauseBeforeWave: false, dependsOnWaves,
  });
  const plan = (...waves: ReturnType<typeof wave>[]) => ({ planId: 'p', planName: 'P', name: 'P', description: '', waves, waveCount: waves.length, version: 1 });
  const base = draftOf(plan(wave(0, 'web'), wave(1, 'db', 0)));
  const found = (mine: typeof base, theirs: typeof base) => differences(planParts(base, mine, theirs, (id) => id), base, mine, theirs);

  it('know a wave again that was moved or renamed', () => {
    const theirs = draftOf(plan(wave(0, 'db'), wave(1, 'web', 0)), base);
    expect(theirs.waves.map((w) => w.key)).toEqual([base.waves[1]?.key, base.waves[0]?.key]);
    const renamed = draftOf(plan(wave(0, 'frontend'), wave(1, 'db', 0)), base);
    expect(renamed.waves.map((w) => w.key)).toEqual(base.waves.map((w) => w.key));
    expect(found(base, renamed).map((d) => [d.part.label, d.changedBy])).toEqual([['web: Name', 'theirs']]);
  });

  it('become one with my wave and their field', () => {
    const added = { ...emptyWave(3), name: 'mail', needs: [base.waves[1]?.key ?? ''] };
    const mine = { ...base, waves: [...base.waves, added] };
    const theirs = draftOf({ ...plan(wave(0, 'web'), { ...wave(1, 'db', 0), pauseBeforeWave: true }), planName: 'Q' }, base);
    const list = found(mine, theirs);
    expect(list.map((d) => [d.part.id.replace(/^.*\./, ''), d.changedBy])).toEqual([['name', 'theirs'], ['waves', 'mine'], ['pauseBefore', 'theirs']]);
    const both = merged(list, Object.fromEntries(list.map((d) => [d.part.id, d.changedBy === 'theirs' ? 'theirs' : 'mine'])), mine, theirs);
    expect(both.name).toBe('Q');
    expect(both.waves.map((w) => [w.name, w.pauseBefore])).toEqual([['web', false], ['db', true], ['mail', false]]);
    expect(both.waves[2]?.needs).toEqual([base.waves[1]?.key]);
  });

  it('keep no dependency on a wave that was not chosen', () => {
    const mine = { ...base, waves: base.waves.slice(1).map((w) => ({ ...w, needs: [] })) };
    const theirs = draftOf(plan(wave(0, 'web'), wave(1, 'db', 0)), base);
    const list = found(mine, theirs);
    const all = merged(list, Object.fromEntries(list.map((d) => [d.part.id, 'mine' as const])), mine, theirs);
    expect(all.waves.map((w) => w.needs)).toEqual([[]]);
  });

  it('tell the field of a wave that the server refused', () => {
    expect(planField('waves[1].serverIds', base)).toBe(`${base.waves[1]?.key ?? ''}.groups`);
    expect(planField('waves[0].waveName', base)).toBe(`${base.waves[0]?.key ?? ''}.name`);
    expect(planField('notificationEmail', base)).toBe('email');
    expect(planField('waves[9].waveName', base)).toBeNull();
    expect(planField('version', emptyPlan())).toBeNull();
  });
});

describe('refusals', () => {
  it('are told at their fields', () => {
    const error = (body: Record<string, unknown>) => new ApiError({ kind: 'http', status: 400, code: 'X', message: 'no', body });
    expect(refusedFields(error({ details: { errors: [{ field: 'name', message: 'too long' }, { field: 'rto', message: 'a number' }] } }))).toEqual([
      ['name', 'too long'], ['rto', 'a number'],
    ]);
    expect(refusedFields(error({ field: 'name' }))).toEqual([['name', 'no']]);
    expect(refusedFields(error({}))).toEqual([]);
  });
});

interface Stored extends Note {
  version: number;
}

function setUp(save: (draft: Note, version: number | null) => Promise<Stored>, first: Stored | null, refetched?: Stored, stepwise = false) {
  answer({});
  const all = services();
  const view = { show: (entity: Stored | null): void => void entity };
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  function Page() {
    const [entity, setEntity] = useState(first);
    useEffect(() => {
      view.show = setEntity;
    }, []);
    return (
      <EditorForm<Note, Stored>
        id="note:1" title="Edit" description="" permission="modify_recovery_plans" entity={entity} back="/list"
        draftOf={(stored) => ({ name: stored?.name ?? '', text: stored?.text ?? '' })}
        problemsOf={(draft): Record<string, string> => (draft.name === '' ? { name: 'A name is needed' } : {})}
        partsOf={() => PARTS} fieldOf={(name) => (name === 'name' ? 'name' : null)}
        save={save} saved={(stored) => ({ name: stored.name, path: '/list' })}
        refetch={() => {
          view.show(refetched ?? first);
          return Promise.resolve();
        }}
      >
        {({ draft, change, problems }) => {
          const name = (
            <>
              <Input ariaLabel="Name" value={draft.name} invalid={problems.name !== undefined} onChange={({ detail }) => {
                change({ ...draft, name: detail.value });
              }} />
              <p>{problems.name}</p>
            </>
          );
          const text = (
            <Input ariaLabel="Text" value={draft.text} onChange={({ detail }) => {
              change({ ...draft, text: detail.value });
            }} />
          );
          return stepwise
            ? [
                { title: 'First', has: (key) => key === 'name', content: name },
                { title: 'Second', has: () => false, content: text },
                { title: 'Third', has: () => false, content: <p>{draft.name}, {draft.text}</p> },
              ]
            : <>{name}{text}</>;
        }}
      </EditorForm>
    );
  }
  const router = createMemoryRouter([{ path: '/', element: <Page /> }, { path: '/list', element: <h1>List</h1> }]);
  const shown = render(
    <BaseContext value={all}>
      <ServicesContext value={all}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ServicesContext>
    </BaseContext>,
  );
  return {
    shown,
    router,
    show: (entity: Stored) => {
      act(() => {
        view.show(entity);
      });
    },
  };
}

const stored: Stored = { name: 'Shop', text: 'old', version: 3 };
const input = (name: string) => screen.getByRole<HTMLInputElement>('textbox', { name });

describe('an editor', () => {
  it('restores what was entered before a reload, and can discard it', async () => {
    const user = userEvent.setup();
    const first = setUp(() => Promise.reject(new Error('no')), stored);
    await user.type(input('Text'), 'er');
    first.shown.unmount();
    setUp(() => Promise.reject(new Error('no')), stored);
    expect(input('Text').value).toBe('older');
    await user.click(screen.getByRole('button', { name: 'Discard it' }));
    expect(input('Text').value).toBe('old');
    expect(sessionStorage).toHaveLength(0);
  });

  it('follows the stored version while nothing was entered', async () => {
    const { show } = setUp(() => Promise.reject(new Error('no')), stored);
    show({ ...stored, text: 'new', version: 4 });
    await screen.findByText(/Somebody else saved version 4/);
    expect(input('Text').value).toBe('new');
  });

  it('says while one types that somebody else saved', async () => {
    const user = userEvent.setup();
    const { show } = setUp(() => Promise.reject(new Error('no')), stored);
    await user.type(input('Text'), 'er');
    show({ ...stored, name: 'Store', version: 4 });
    await screen.findByText('Somebody else changed it');
    expect(input('Text').value).toBe('older');
    expect(input('Name').value).toBe('Shop');
  });

  it('merges by field after a version conflict, and saves over the version it saw', async () => {
    const user = userEvent.setup();
    const sent: [Note, number | null][] = [];
    setUp(
      (draft, version) => {
        sent.push([draft, version]);
        return version === 3
          ? Promise.reject(new ApiError({ kind: 'http', status: 409, code: 'VERSION_CONFLICT', message: 'newer' }))
          : Promise.resolve({ ...draft, version: 5 });
      },
      stored,
      { name: 'Store', text: 'theirs', version: 4 },
    );
    await user.type(input('Text'), 'er');
    await user.click(await screen.findByRole('button', { name: 'Save' }));
    const dialog = await screen.findByRole('dialog');
    await within(dialog).findByText('1 choice is left');
    expect(within(dialog).getByRole('button', { name: 'Use this' }).getAttribute('disabled')).not.toBeNull();
    const [, text] = within(dialog).getAllByRole('radiogroup');
    if (text === undefined) {
      throw new Error('two fields differ');
    }
    await user.click(within(text).getByRole('radio', { name: /Yours/ }));
    await user.click(within(dialog).getByRole('button', { name: 'Use this' }));
    expect(input('Name').value).toBe('Store');
    expect(input('Text').value).toBe('older');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await screen.findByRole('heading', { name: 'List' });
    expect(sent).toEqual([[{ name: 'Shop', text: 'older' }, 3], [{ name: 'Store', text: 'older' }, 4]]);
    expect(sessionStorage).toHaveLength(0);
  });

  it('asks before it is left, and keeps or discards', async () => {
    const user = userEvent.setup();
    const { router } = setUp(() => Promise.reject(new Error('no')), stored);
    await user.type(input('Text'), 'er');
    void router.navigate('/list');
    await user.click(await screen.findByRole('button', { name: 'Leave and keep the draft' }));
    await screen.findByRole('heading', { name: 'List' });
    expect(sessionStorage).toHaveLength(1);
    void router.navigate('/');
    await screen.findByText('An unsaved draft was restored');
    void router.navigate('/list');
    await user.click(await screen.findByRole('button', { name: 'Leave and discard it' }));
    await screen.findByRole('heading', { name: 'List' });
    expect(sessionStorage).toHaveLength(0);
  });

  it('shows a refusal of the server at its field', async () => {
    const user = userEvent.setup();
    setUp(() => Promise.reject(new ApiError({ kind: 'http', status: 409, code: 'NAME_TAKEN', message: 'taken', body: { field: 'name' } })), stored);
    await user.type(input('Text'), 'er');
    await user.click(await screen.findByRole('button', { name: 'Save' }));
    await screen.findByText('taken');
    await user.type(input('Name'), 's');
    expect(screen.queryByText('taken')).toBeNull();
  });

  it('BUG 1.8: complains only after somebody tried to save', async () => {
    const user = userEvent.setup();
    setUp(() => Promise.reject(new Error('no')), null);
    expect(screen.queryByText('A name is needed')).toBeNull();
    await user.click(await screen.findByRole('button', { name: 'Save' }));
    await screen.findByText('A name is needed');
  });
});

describe('an editor in steps', () => {
  const press = async (user: ReturnType<typeof userEvent.setup>, name: string) => user.click(await screen.findByRole('button', { name }));

  it('goes no further than the first problem, and complains only there', async () => {
    const user = userEvent.setup();
    setUp(() => Promise.reject(new Error('no')), null, undefined, true);
    await screen.findByRole('heading', { name: 'First' });
    expect(screen.queryByText('A name is needed')).toBeNull();
    await press(user, 'Next');
    await screen.findByText('A name is needed');
    await user.type(input('Name'), 'Shop');
    await press(user, 'Next');
    await screen.findByRole('heading', { name: 'Second' });
  });

  it('is saved at the end only, not by Enter', async () => {
    const user = userEvent.setup();
    const sent: Note[] = [];
    setUp((draft) => {
      sent.push(draft);
      return Promise.resolve({ ...draft, version: 1 });
    }, null, undefined, true);
    await screen.findByRole('heading', { name: 'First' });
    await user.type(input('Name'), 'Shop{Enter}');
    expect(screen.queryByRole('button', { name: 'Save' })).toBeNull();
    await press(user, 'Next');
    await user.type(input('Text'), 'new{Enter}');
    await press(user, 'Next');
    await screen.findByText('Shop, new');
    expect(sent).toEqual([]);
    await press(user, 'Save');
    await screen.findByRole('heading', { name: 'List' });
    expect(sent).toEqual([{ name: 'Shop', text: 'new' }]);
  });

  it('lets one who changes a thing go to the end at once, and back to what the server refused', async () => {
    const user = userEvent.setup();
    setUp(() => Promise.reject(new ApiError({ kind: 'http', status: 409, code: 'NAME_TAKEN', message: 'taken', body: { field: 'name' } })), stored, undefined, true);
    await screen.findByRole('heading', { name: 'First' });
    await user.type(input('Name'), 's');
    await press(user, 'Review');
    await screen.findByText('Shops, old');
    await press(user, 'Save');
    await screen.findByText('taken');
    await screen.findByRole('heading', { name: 'First' });
  });
});
