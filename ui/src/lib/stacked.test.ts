import { expect, test } from 'vitest';
import { isStacked } from './stacked';

test('letters under more marks than any script has are told from those that people write', () => {
  for (const mark of ['\u0301', '\u0489', '\u20dd', '\u0301\u200d', '\u0301\u034f'])
    expect(isStacked(`Z${mark.repeat(300)}`), mark.codePointAt(0)!.toString(16)).toBe(true);
  const written = [
    'Việt Nam, ấ',
    'e\u0302\u0301',
    'กุ๊กกู้',
    'בְּרֵאשִׁ֖ית',
    'नमस्ते',
    'རྒྱལ་པོ',
    '👨‍👩‍👧‍👦 ❤️‍🔥 👍🏽',
    'नि॑',
  ];
  for (const text of written) expect(isStacked(text), text).toBe(false);
});
