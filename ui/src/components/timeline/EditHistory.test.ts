import { flushSync } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { EarlierBody } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import EditHistory from './EditHistory.svelte';

async function renderHistory(earlier: EarlierBody[]) {
  const app = createApp({ edits: async () => earlier });
  const target = render(EditHistory, { id: 'm' }, app);
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelectorAll('li').length).toBe(earlier.length);
  });
  return target;
}

const earlier = (number: number, replacedAt: number) => ({
  ...{ number, replacedAt },
  body: `text ${number}`,
});

test('edits in the same millisecond, or at a time that no date can be, are all listed', async () => {
  const target = await renderHistory([earlier(1, 5), earlier(2, 5), earlier(3, 2 ** 63)]);
  const bodies = [...target.querySelectorAll('li span')].map((body) => body.textContent);
  expect(bodies).toEqual(['text 1', 'text 2', 'text 3']);
  expect(target.textContent).not.toContain(text.olderEditsLeftOut);
});

test('the list says that older versions are left out', async () => {
  const target = await renderHistory([earlier(12, 1), earlier(13, 2)]);
  expect(target.textContent).toContain(text.olderEditsLeftOut);
});
