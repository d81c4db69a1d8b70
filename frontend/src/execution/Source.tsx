import Icon, { type IconProps } from '@cloudscape-design/components/icon';
import Popover from '@cloudscape-design/components/popover';
import type { Schemas } from '../api/client';
import '../i18n/runs';
import { hasMessage, t } from '../i18n/t';
import { humanize } from '../lib/status';
import { invocationOf } from './decided';

const ICONS: Partial<Record<string, IconProps.Name>> = {
  UI: 'user-profile', CLI: 'command-prompt', API: 'share', EVENTBRIDGE: 'calendar', SSM: 'script', STEPFUNCTIONS: 'list-view',
};

export function sourceText(source: string): string {
  const id = `source.${source}`;
  return hasMessage(id) ? t(id) : humanize(source);
}

/** Who or what started a run, as sign and word; `open`: with all that is known of it, else on request. */
export function Source({ run, open = false }: { open?: boolean; run: Pick<Schemas['Execution'], 'invocationSource' | 'invocationDetails'> }) {
  const source = run.invocationSource ?? 'UI';
  const details = invocationOf(run.invocationDetails);
  const icon = ICONS[source];
  const word = (
    <>
      {icon === undefined ? null : <Icon name={icon} size="small" />} {sourceText(source)}
    </>
  );
  const list = details.length === 0 ? null : (
    <ul className="plain-list">
      {details.map(([name, value]) => (
        <li key={name}>{`${name}: ${value}`}</li>
      ))}
    </ul>
  );
  return open || list === null ? (
    <>
      {word}
      {list}
    </>
  ) : (
    <Popover header={sourceText(source)} dismissAriaLabel={t('close')} content={list}>
      {word}
    </Popover>
  );
}
