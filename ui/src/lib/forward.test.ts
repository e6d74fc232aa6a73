import { expect, test } from 'vitest';
import type { TimelineItem } from '../ipc';
import { copied, forwarded } from './forward';
import { parseBody } from './parse-body';

const item = (sender: string, body: string) => ({ sender, body, sentAt: 0 }) as TimelineItem;

test('what is forwarded names its author and is a quote of it, markup in names or not', () => {
  const [head, quote] = parseBody(forwarded([item('a*b*', 'one\n```\ncode\n```')], '#x'));
  expect(JSON.stringify(head)).toContain('a*b*');
  expect(quote).toMatchObject({
    type: 'quote',
    children: [{ type: 'paragraph' }, { type: 'code', text: 'code' }],
  });
});

test('one message is copied as it stands, several with who said them', () => {
  expect(copied([item('wren', 'hello')])).toBe('hello');
  expect(copied([item('wren', 'a'), item('oak', 'b')])).toMatch(/^\[.+\] wren: a\n\[.+\] oak: b$/);
});
