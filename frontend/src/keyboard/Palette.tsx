import Autosuggest, { type AutosuggestProps } from '@cloudscape-design/components/autosuggest';
import Modal from '@cloudscape-design/components/modal';
import { useDeferredValue, useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { useExecutions, useGroups, usePlans, useProfile } from '../api/queries';
import { ALL, useAccountChoice } from '../app/account';
import { useFeatures } from '../app/features';
import { NAVIGATION } from '../app/navigation';
import { usePermissions } from '../app/permissions';
import '../i18n/keyboard';
import { t } from '../i18n/t';
import { humanize } from '../lib/status';
import { formatTime } from '../lib/time';
import { useInventory } from '../servers/inventory';
import { COMMANDS, find, type Entry } from './palette';
import { recent } from './recent';

const none: readonly never[] = [];

/** The dialog itself begins with its button for closing. */
function focusField(field: AutosuggestProps.Ref | null): void {
  setTimeout(() => {
    field?.focus();
  });
}

export default function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const navigate = useNavigate();
  const gate = usePermissions();
  const features = useFeatures();
  const [query, setQuery] = useState('');
  const wanted = query.trim();
  // only the server is asked later: Enter takes what stands there for what was typed
  const asked = useDeferredValue(wanted);
  const user = useProfile().data?.userId ?? '';
  const plans = usePlans('').data?.plans ?? none;
  const groups = useGroups('').data?.groups ?? none;
  const runs = useExecutions(asked.length > 1 ? { q: asked } : {}, 20).data?.pages[0]?.items ?? none;
  const { accounts, selected, all, select } = useAccountChoice();
  const inventory = useInventory(useMemo(
    () => accounts.flatMap(({ accountId }) => (all || accountId === selected?.accountId ? [accountId] : [])),
    [accounts, selected, all],
  ));
  const choose = (accountId: string) => () => {
    select(accountId);
    onClose();
  };

  const places: Entry[] = NAVIGATION.flatMap((e) =>
    e === 'divider' || !features.leads(e.path) ? [] : [{ kind: 'command' as const, text: t('palette.go', { place: t(e.text) }), detail: '', to: e.path }],
  );
  const entries: Entry[] = [
    ...recent(user).filter((r) => features.leads(r.path)).map((r) => ({ kind: 'recent' as const, text: r.title, detail: '', to: r.path })),
    ...COMMANDS.filter((c) => features.leads(c.to) && (c.permission === undefined || gate.can(c.permission))).map((c) => ({
      kind: 'command' as const, text: t(c.text), detail: '', to: c.to,
    })),
    ...places,
    { kind: 'command', text: t('palette.shortcuts'), detail: '', to: onHelp },
    ...(gate.can('start_recovery') && wanted !== ''
      ? plans.map((p) => ({ kind: 'command' as const, text: t('palette.start', { plan: p.planName }), detail: p.planId, to: `/recovery-plans/${p.planId}?start=DRILL` }))
      : []),
    ...plans.map((p) => ({ kind: 'plan' as const, text: p.planName, detail: p.planId, to: `/recovery-plans/${p.planId}` })),
    ...groups.map((g) => ({ kind: 'group' as const, text: g.groupName, detail: `${g.region} ${g.groupId}`, to: `/protection-groups/${g.groupId}` })),
    ...runs.map((e) => ({
      kind: 'execution' as const, text: `${e.planName} · ${formatTime(e.startTime)}`, detail: `${humanize(e.status)} ${e.executionId}`,
      to: `/executions/${e.executionId}`,
    })),
    ...inventory.rows.map((s) => ({
      kind: 'server' as const, text: s.hostname || s.sourceServerID, detail: `${s.nameTag ?? ''} ${s.sourceServerID} ${s.region}`.trim(),
      to: `/servers/${s.sourceServerID}?owner=${s.accountId}&region=${s.region}`,
    })),
    ...(accounts.length > 1 ? [{ kind: 'account' as const, text: t('accounts.all'), detail: '', to: choose(ALL) }] : []),
    ...accounts.map((a) => ({ kind: 'account' as const, text: a.accountName ?? a.accountId, detail: a.accountId, to: choose(a.accountId) })),
  ];
  const found = find(entries, wanted);
  const options: AutosuggestProps.OptionGroup[] = [...new Set(found.map((e) => e.kind))].map((kind) => {
    const own = found.map((entry, at) => ({ entry, at })).filter(({ entry }) => entry.kind === kind);
    return {
      label: t(`palette.kind.${kind}`),
      options: own.map(({ entry, at }) => ({ value: String(at), label: entry.text, ...(entry.detail === '' ? {} : { description: entry.detail }) })),
    };
  });

  return (
    <Modal visible position="top" header={t('palette.title')} closeAriaLabel={t('close')} onDismiss={onClose}>
      <Autosuggest
        ref={focusField}
        value={query}
        options={options}
        filteringType="manual"
        hideEnteredTextOption
        expandToViewport
        placeholder={t('palette.find')}
        ariaLabel={t('palette.find')}
        empty={t('palette.none')}
        filteringResultsText={() => t('palette.results', { count: found.length })}
        onChange={({ detail }) => {
          setQuery(detail.value);
        }}
        onSelect={({ detail }) => {
          const entry = found[Number(detail.value)];
          if (detail.selectedOption === undefined || entry === undefined) {
            return;
          }
          if (typeof entry.to === 'string') {
            onClose();
            void navigate(entry.to);
          } else {
            entry.to();
          }
        }}
      />
    </Modal>
  );
}
