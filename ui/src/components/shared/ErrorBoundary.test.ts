import { createRawSnippet, flushSync, mount } from 'svelte';
import { expect, test } from 'vitest';
import { text } from '../../lib/text';
import ErrorBoundary from './ErrorBoundary.svelte';

test('a failed view shows a message, and can be retried', () => {
  let broken = true;
  const children = createRawSnippet(() => ({
    render: () => {
      if (broken) throw new Error('the view failed');
      return '<p>works again</p>';
    },
  }));
  mount(ErrorBoundary, { target: document.body, props: { children } });
  flushSync();
  expect(document.body.textContent).toContain(text.crashed);
  broken = false;
  document.querySelector('button')!.click();
  flushSync();
  expect(document.body.textContent).toContain('works again');
});
