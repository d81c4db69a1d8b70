import LiveRegion from '@cloudscape-design/components/live-region';
import Container from '@cloudscape-design/components/container';
import { t } from '../i18n/t';
import './skeleton.css';

const WIDTHS = ['70%', '90%', '55%', '80%'];

function Lines() {
  return WIDTHS.map((width) => <div key={width} className="skeleton-line" style={{ inlineSize: width }} />);
}

/** Where something will be that is read for the first time: lines of a list, or with `page` a heading and a box. */
export function Skeleton({ text = t('loading'), page = false }: { text?: string | undefined; page?: boolean }) {
  return (
    <>
      <span className="visually-hidden">
        <LiveRegion tagName="span">{text}</LiveRegion>
      </span>
      <div className="skeleton" aria-busy="true">
        {page ? (
          <>
            <div className="skeleton-line skeleton-title" />
            <Container>
              <div className="skeleton">
                <Lines />
              </div>
            </Container>
          </>
        ) : <Lines />}
      </div>
    </>
  );
}
