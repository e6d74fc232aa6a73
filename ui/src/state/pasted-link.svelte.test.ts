import { expect, test } from 'vitest';
import type { LinkPreview } from '../ipc';
import { PastedLink } from './pasted-link.svelte';

const preview = (server: string) => ({ server }) as unknown as LinkPreview;
const LINK = 'https://chat.example.org/join#abc';
const OTHER = 'https://chat.example.org/join#ghi';

test('a link is looked up once, and an address is not', async () => {
  const asked: string[] = [];
  const previewLink = (link: string) => {
    asked.push(link);
    return Promise.resolve(preview(link));
  };
  const pasted = new PastedLink({ previewLink }, 'chat.example.org');
  await pasted.look();
  pasted.value = LINK;
  await pasted.look();
  await pasted.look();
  expect(asked).toEqual([LINK]);
  expect(pasted.preview).toEqual(preview(LINK));
});

test('the answer about a link that was replaced meanwhile is not shown', async () => {
  const answers: Record<string, (preview: LinkPreview) => void> = {};
  const previewLink = (link: string) =>
    new Promise<LinkPreview>((resolve) => (answers[link] = resolve));
  const pasted = new PastedLink({ previewLink }, LINK);
  const first = pasted.look();
  pasted.value = OTHER;
  const second = pasted.look();
  answers[OTHER]!(preview(OTHER));
  await second;
  answers[LINK]!(preview(LINK));
  await first;
  expect(pasted.preview).toEqual(preview(OTHER));
});
