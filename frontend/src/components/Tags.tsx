import Box from '@cloudscape-design/components/box';
import Popover from '@cloudscape-design/components/popover';
import { t } from '../i18n/t';
import { tagTexts } from '../lib/tags';

export function TagList({ tags }: { tags: Readonly<Record<string, string>> }) {
  return (
    <ul className="plain-list">
      {tagTexts(tags).map((text) => (
        <li key={text}>
          <Box variant="code">{text}</Box>
        </li>
      ))}
    </ul>
  );
}

/** How many tags, and on request which. */
export function TagCount({ title, tags }: { title: string; tags: Readonly<Record<string, string>> }) {
  const count = Object.keys(tags).length;
  return count === 0 ? (
    <>–</>
  ) : (
    <Popover header={title} dismissAriaLabel={t('close')} content={<TagList tags={tags} />}>
      {t('group.selection.tags', { count })}
    </Popover>
  );
}
