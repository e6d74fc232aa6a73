import { expect, test } from 'vitest';
import type { LinkPreview } from '../ipc';
import { PastedLink } from './pasted-link.svelte';

const preview = (server: string) => ({ server }) as unknown as LinkPreview;
const LINK = 'https://chat.example.org/join#abc';
const OTHER = 'https://chat.example.org/join#ghi';

test('the preview of a link is loaded once, and none for an address', async () => {
  const requests: string[] = [];
  const previewLink = (link: string) => {
    requests.push(link);
    return Promise.resolve(preview(link));
  };
  const pasted = new PastedLink({ previewLink }, 'chat.example.org');
  await pasted.loadPreview();
  pasted.value = LINK;
  await pasted.loadPreview();
  await pasted.loadPreview();
  expect(requests).toEqual([LINK]);
  expect(pasted.preview).toEqual(preview(LINK));
});

test('a response for a link that was replaced is ignored', async () => {
  const responses: Record<string, (preview: LinkPreview) => void> = {};
  const previewLink = (link: string) =>
    new Promise<LinkPreview>((resolve) => (responses[link] = resolve));
  const pasted = new PastedLink({ previewLink }, LINK);
  const first = pasted.loadPreview();
  pasted.value = OTHER;
  const second = pasted.loadPreview();
  responses[OTHER]!(preview(OTHER));
  await second;
  responses[LINK]!(preview(LINK));
  await first;
  expect(pasted.preview).toEqual(preview(OTHER));
});
