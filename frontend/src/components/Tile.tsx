import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import type { ReactNode } from 'react';
import { Link } from './Link';

/** One figure that leads to what it counts. */
export function Tile({ label, value, hint, to }: { label: string; value: ReactNode; hint?: string; to: string }) {
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
          {hint}
        </Box>
      )}
    </Container>
  );
}
