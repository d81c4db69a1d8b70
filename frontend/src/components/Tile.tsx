import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import type { Indicator } from '../lib/status';
import { Link } from './Link';

/** One figure that leads to what it counts; `level` says how good it is, beside the hint. */
export function Tile({ label, value, hint, level, to }: { label: string; value: ReactNode; hint?: string; level?: Indicator; to: string }) {
  return (
    <Container fitHeight>
      <Box variant="awsui-key-label">{label}</Box>
      <div>
        <Link to={to} fontSize="display-l">
          {value}
        </Link>
      </div>
      {hint === undefined ? null : (
        <Box variant="small" color="text-body-secondary">
          {level === undefined ? hint : <StatusIndicator type={level}>{hint}</StatusIndicator>}
        </Box>
      )}
    </Container>
  );
}
