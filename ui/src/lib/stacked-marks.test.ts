import { expect, test } from 'vitest';
import { hasStackedMarks } from './stacked-marks';

test('letters with more marks than in any script are recognized', () => {
  for (const mark of ['\u0301', '\u0489', '\u20dd', '\u0301\u200d', '\u0301\u034f'])
    expect(hasStackedMarks(`Z${mark.repeat(300)}`), mark.codePointAt(0)!.toString(16)).toBe(true);
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
  for (const text of written) expect(hasStackedMarks(text), text).toBe(false);
});
