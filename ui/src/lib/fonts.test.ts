import { expect, test, vi } from 'vitest';
import type { Block, TimelineItem } from '../ipc';
import { loadCodeFontFor } from './fonts';

const text = { type: 'text', text: 'a' } as const;
const code = { type: 'code', text: 'a' } as const;
const paragraph: Block = { type: 'paragraph', children: [text] };
const withCode: Block = { type: 'paragraph', children: [{ type: 'strong', children: [code] }] };

test.each([
  [null, 0],
  [[paragraph], 0],
  [[withCode], 1],
  [[{ type: 'quote', children: [withCode] }], 1],
  [[{ type: 'list', start: null, items: [{ checked: null, children: [withCode] }] }], 1],
  [[{ type: 'table', rows: [[{ align: null, children: [text, code] }]] }], 1],
  [[paragraph, { type: 'code', text: 'a', language: null }], 1],
])(
  'the first paint waits for the font of code only if it shows code: %j',
  async (blocks, times) => {
    const load = vi.fn(() => Promise.resolve([]));
    vi.stubGlobal('document', { fonts: { load } });
    await loadCodeFontFor([{ blocks } as unknown as TimelineItem]);
    vi.unstubAllGlobals();
    expect(load).toHaveBeenCalledTimes(times);
  },
);
