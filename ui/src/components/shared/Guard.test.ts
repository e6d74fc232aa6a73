import { createRawSnippet, flushSync, mount } from 'svelte';
import { expect, test } from 'vitest';
import { text } from '../../lib/text';
import Guard from './Guard.svelte';

test('what falls over says so, and can be tried again', () => {
  let broken = true;
  const children = createRawSnippet(() => ({
    render: () => {
      if (broken) throw new Error('a view that fell over');
      return '<p>whole again</p>';
    },
  }));
  mount(Guard, { target: document.body, props: { children } });
  flushSync();
  expect(document.body.textContent).toContain(text.crashed);
  broken = false;
  document.querySelector('button')!.click();
  flushSync();
  expect(document.body.textContent).toContain('whole again');
});
