import { expect, test } from 'vitest';
import { plainText } from './plain-text';

test.each([
  ['nothing special', 'nothing special'],
  ['**bold** and `code` and ~~gone~~', 'bold and code and gone'],
  [
    'see [the plan](https://example.org) at https://example.org',
    'see the plan at https://example.org',
  ],
  ['> quoted', 'quoted'],
  ['## Plan - [x] read - [ ] write', 'Plan read write'],
  ['```js const x = 1; ``` is it', 'const x = 1; is it'],
  ['snake_case_names and 2 * 3 * 4', 'snake_case_names and 2 * 3 * 4'],
  ['cut in the **midd', 'cut in the **midd'],
  ['<b>not markup</b>', '<b>not markup</b>'],
])('%s', (line, plain) => {
  expect(plainText(line)).toBe(plain);
});
