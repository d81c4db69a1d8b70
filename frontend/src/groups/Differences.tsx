import { t } from '../i18n/t';
import { shown, type Picks } from './picks';
import { FIELDS, settingName, type Difference } from './settings';

/** Changes of settings in words, the first `max` of them. */
export function Differences({ list, names, picks, max }: { list: readonly Difference[]; names: ReadonlyMap<string, string>; picks: Picks; max: number }) {
  const value = (id: string, text: string) => {
    const field = FIELDS.find((f) => f.id === id);
    return text === '' ? t('setting.asgroup') : field === undefined ? text : shown(field, text, picks);
  };
  return (
    <>
      <ul className="plain-list">
        {list.slice(0, max).map((d) => (
          <li key={`${d.serverId} ${d.field}`}>
            <b>{names.get(d.serverId) ?? d.serverId}</b>, {settingName(d.field)}: {value(d.field, d.before)} → {value(d.field, d.after)}
          </li>
        ))}
      </ul>
      {list.length > max ? t('setting.review.more', { count: list.length - max }) : null}
    </>
  );
}
