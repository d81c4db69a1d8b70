import Button, { type ButtonProps } from '@cloudscape-design/components/button';

const over = { background: 'var(--drs-danger-over)', color: 'var(--drs-danger-over-text)' };

const STYLE: ButtonProps.Style = {
  root: {
    background: { default: 'var(--drs-danger)', hover: over.background, active: over.background },
    borderColor: { default: 'var(--drs-danger)', hover: over.background, active: over.background },
    color: { default: 'var(--drs-danger-text)', hover: over.color, active: over.color },
  },
};

/** The button that does what cannot be undone. */
export function DangerButton(props: Omit<ButtonProps, 'variant' | 'style'>) {
  return <Button {...props} variant="primary" style={STYLE} />;
}
