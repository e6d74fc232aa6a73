import { expect, test } from 'vitest';
import { diagnostics } from './diagnostics';

test('diagnostics have one line per property', () => {
  const about = {
    ...{ version: '0.1.0', system: 'linux x86_64', webview: '2.50.6', desktop: 'KDE, wayland' },
    ...{ hasTray: true, open: 1, closed: 0 },
  };
  expect(diagnostics(about)).toBe(
    'version: 0.1.0\nsystem: linux x86_64\nwebview: 2.50.6\ndesktop: KDE, wayland\nhasTray: true\nopen: 1\nclosed: 0',
  );
});
