import Box from '@cloudscape-design/components/box';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import HelpPanel from '@cloudscape-design/components/help-panel';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useLocation } from 'react-router';
import { sectionOf } from '../app/navigation';
import { WORDS } from '../components/Term';
import '../i18n/help';
import { hasMessage, t, type MessageId } from '../i18n/t';

/** The text of a section, such as help.recovery-plans; the one of the start page where there is none. */
export function helpOf(pathname: string): MessageId {
  const section = sectionOf(pathname).slice(1);
  const id = `help.${section === '' ? 'start' : section}`;
  return hasMessage(id) ? id : 'help.start';
}

/** What the page is for, and the words that are used everywhere. */
export default function Panel() {
  const { pathname } = useLocation();
  return (
    <HelpPanel header={<h2>{t('help.title')}</h2>}>
      <SpaceBetween size="m">
        <Box variant="p">{t(helpOf(pathname))}</Box>
        <ExpandableSection headerText={t('help.words')} headingTagOverride="h3" defaultExpanded>
          <dl>
            {WORDS.map((word) => (
              <div key={word}>
                <dt>{t(`word.${word}`)}</dt>
                <dd>{t(`word.${word}.is`)}</dd>
              </div>
            ))}
          </dl>
        </ExpandableSection>
      </SpaceBetween>
    </HelpPanel>
  );
}
