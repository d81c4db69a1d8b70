import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useProfile } from '../api/queries';
import { useSetParams } from '../app/params';
import '../i18n/more';
import { t } from '../i18n/t';
import { useStored } from '../lib/stored';
import { putView, viewsWith, type View } from '../lib/views';
import { Confirm } from './Confirm';

function Save({ onSave, onClose }: { onSave: (name: string) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  return (
    <Confirm
      title={t('views.save')}
      action={t('views.keep')}
      busy={false}
      destroys={false}
      ready={name.trim() !== ''}
      onConfirm={() => {
        onSave(name.trim());
      }}
      onClose={onClose}
    >
      <FormField label={t('views.name')} description={t('views.hint')}>
        <Input
          value={name}
          onChange={({ detail }) => {
            setName(detail.value.slice(0, 60));
          }}
        />
      </FormField>
    </Confirm>
  );
}

/** Keeps what the address says of a list under a name, and brings it back. */
export function NamedViews({ list, params }: {
  /** Under which the views of this user are kept. */
  list: string;
  /** Parameters of the address that make a view; empty texts are its absence. */
  params: readonly string[];
}) {
  const user = useProfile().data?.userId ?? '';
  const [search] = useSearchParams();
  const setParams = useSetParams();
  const isViews = useMemo(() => viewsWith(params), [params]);
  const [views, setViews] = useStored<View[]>(`views:${user}:${list}`, isViews, []);
  const [saving, setSaving] = useState(false);
  return (
    <>
      <ButtonDropdown
        items={[
          ...(views.length === 0 ? [] : [{ text: t('views.own'), items: views.map((v) => ({ id: `use:${v.name}`, text: v.name })) }]),
          { id: 'save', text: t('views.save') },
          ...(views.length === 0 ? [] : [{ text: t('views.delete'), items: views.map((v) => ({ id: `delete:${v.name}`, text: v.name })) }]),
        ]}
        expandableGroups
        onItemClick={({ detail }) => {
          const [what = '', name = ''] = detail.id.split(/:(.*)/s);
          if (what === 'save') {
            setSaving(true);
          } else if (what === 'delete') {
            setViews(views.filter((v) => v.name !== name));
          } else {
            const view = views.find((v) => v.name === name);
            if (view !== undefined) {
              setParams({ ...Object.fromEntries(params.map((key) => [key, view[key] ?? ''])), page: '' });
            }
          }
        }}
      >
        {t('views')}
      </ButtonDropdown>
      {saving ? (
        <Save
          onSave={(name) => {
            setViews(putView(views, { ...Object.fromEntries(params.map((key) => [key, search.get(key) ?? ''])), name }));
            setSaving(false);
          }}
          onClose={() => {
            setSaving(false);
          }}
        />
      ) : null}
    </>
  );
}
