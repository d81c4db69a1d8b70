/** What is done with a timeline: an earlier run beside it, and a picture of it. */
import Box from '@cloudscape-design/components/box';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from '../api/client';
import { useServices } from '../app/context';
import { Link } from '../components/Link';
import '../i18n/live';
import { t } from '../i18n/t';
import { download } from '../lib/csv';
import { formatSeconds, formatTime } from '../lib/time';
import { palette, png, timelineSvg, type Picture } from './picture';
import { usePastRuns } from './queries';

type Execution = Schemas['Execution'];

function runText(run: Execution): string {
  return t('compareruns.run', { time: formatTime(run.startTime), duration: formatSeconds(run.endTime === undefined ? null : run.endTime - run.startTime) });
}

export default function TimelineTools({ execution, compareId, onCompare, picture }: {
  execution: Execution;
  compareId: string;
  onCompare: (executionId: string) => void;
  picture: () => Picture;
}) {
  const { flashes } = useServices();
  const past = (usePastRuns(execution.planId, true).data ?? []).filter((run) => run.executionId !== execution.executionId);
  const none = { value: '', label: t('compareruns.none') };
  const options = [none, ...past.map((run) => ({ value: run.executionId, label: runText(run) }))];
  const chosen = options.find((o) => o.value === compareId) ?? { value: compareId, label: compareId };
  const save = async (kind: string) => {
    const name = `timeline-${execution.executionId}`;
    try {
      const svg = timelineSvg(picture(), palette());
      if (kind === 'svg') {
        download(`${name}.svg`, 'image/svg+xml', svg);
      } else {
        download(`${name}.png`, 'image/png', await png(svg));
      }
    } catch (cause) {
      flashes.error(t('picture.failed'), cause);
    }
  };
  return (
    <SpaceBetween size="xs" direction="horizontal" alignItems="center">
      {past.length === 0 && compareId === '' ? null : (
        <Select
          ariaLabel={t('compareruns.with')}
          inlineLabelText={t('compareruns.with')}
          options={options}
          selectedOption={chosen}
          onChange={({ detail }) => {
            onCompare(detail.selectedOption.value ?? '');
          }}
        />
      )}
      {compareId === '' ? null : (
        <Box>
          <Link to={`/executions/compare?runs=${compareId},${execution.executionId}`}>{t('compareruns.open')}</Link>
        </Box>
      )}
      <ButtonDropdown items={[{ id: 'svg', text: 'SVG' }, { id: 'png', text: 'PNG' }]} onItemClick={({ detail }) => void save(detail.id)}>
        {t('picture.save')}
      </ButtonDropdown>
    </SpaceBetween>
  );
}
