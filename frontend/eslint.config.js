import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

const noColours = {
  selector: 'Literal[value=/^#[0-9a-fA-F]{3,8}$/]',
  message: 'colours come from the design tokens (src/lib/tokens.css)',
};
const noStyle = {
  selector: 'JSXAttribute[name.name="style"] Property > Literal.value',
  message: 'only computed geometry is written into components; the rest belongs into a style sheet',
};
const noHtml = {
  selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
  message: 'text is rendered as text',
};

export default ts.config(
  { ignores: ['node_modules', 'src/api/schema.d.ts', 'public'] },
  js.configs.recommended,
  ...ts.configs.strict,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      'no-restricted-syntax': ['error', noColours, noStyle, noHtml],
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
);
