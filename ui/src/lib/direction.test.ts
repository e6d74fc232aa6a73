import { expect, test } from 'vitest';
import { directionOf, directionOfBlocks, isolate } from './direction';
import type { Block } from '../ipc';
import { text } from './text';

test('the first letter decides the direction of a text', () => {
  expect(directionOf('שלום, wren')).toBe('rtl');
  expect(directionOf('12 … مرحبا')).toBe('rtl');
  expect(directionOf('wren, שלום')).toBe('ltr');
  expect(directionOf('日本 שלום')).toBe('ltr');
  expect(directionOf('\u200fwren')).toBe('rtl');
  expect(directionOf('12 → 13 🎉')).toBeUndefined();
});

test('the direction of blocks is that of their text, ignoring code', () => {
  const paragraph: Block = {
    type: 'paragraph',
    children: [
      { type: 'code', text: 'wren' },
      { type: 'strong', children: [{ type: 'text', text: ' שלום' }] },
    ],
  };
  expect(directionOfBlocks([paragraph])).toBe('rtl');
  expect(directionOfBlocks([{ type: 'quote', children: [paragraph] }])).toBe('rtl');
  expect(directionOfBlocks([{ type: 'code', text: 'שלום', language: '' }])).toBeUndefined();
});

test('a left-to-right name is not isolated', () => {
  for (const name of ['wren', 'José', '王', '# workshop!', '']) expect(isolate(name)).toBe(name);
});

test('a name cannot change the direction of the sentence around it', () => {
  expect(isolate('שלום')).toBe('\u2068שלום\u2069');
  // A control that ends the surrounding isolate, and one that opens an override which nothing closes.
  expect(isolate('a\u2069\u202eb')).toBe('\u2068ab\u2069');
});

test('right-to-left names and titles do not reorder a sentence', () => {
  const [name, other] = ['שלום', 'مرحبا'];
  const sentences = [
    text.message({ title: name }),
    text.messagesIn({ title: name }),
    text.manageMember({ name }),
    text.leaveWarning({ title: name }),
    text.forwardedTo({ title: name }),
    text.revokeTitle({ device: name }),
    text.personNotUnique({ name, n: 0 }),
    text.personNotUnique({ name, n: 2 }),
    text.reactedBy({ emoji: '🎉', own: true, names: [name, other], n: 3 }),
    text.writing({ names: [name] }),
    text.writing({ names: [name, other] }),
    text.readBy({ names: [name, other], others: 3 }),
    text.accountTile({ name, host: 'chat.example.org', unread: 1, mentions: 1 }),
    text.accountTile({ name: 'wren', host: name, unread: 0, mentions: 0 }),
  ];
  for (const sentence of sentences) {
    const pieces = sentence.match(/\u2068[^\u2068\u2069]*\u2069/g) ?? [];
    expect(sentence, sentence).toContain(isolate(name));
    expect(sentence.replaceAll(/\u2068[^\u2069]*\u2069/g, ''), sentence).not.toMatch(
      /[\u0590-\u08ff]/,
    );
    expect(pieces.length, sentence).toBe(sentence.includes(other) ? 2 : 1);
  }
});
