import { describe, expect, test } from 'vitest';
import { leadOf } from './lead';

const doubtOf = (url: string, words: string) => leadOf(url, words).doubt;

describe('a link that says where it leads is opened without a word', () => {
  test.each([
    ['https://evil.example/', 'https://evil.example/'],
    ['https://evil.example/', 'evil.example'],
    ['https://www.evil.example/', 'EVIL.example'],
    ['http://www.evil.example', 'www.evil.example'],
    ['https://evil.example/a', 'https://evil.example/b'],
    ['https://evil.example/', 'what they say, e.g. in 1.2.3 of main.ts'],
    ['https://evil.example/', 'here'],
    ['https://evil.example/', ''],
    ['https://github.com/x/y/blob/main/package.json', 'package.json'],
    [
      'https://web.archive.org/web/https://bank.example/',
      'https://web.archive.org/web/https://bank.example/',
    ],
    ['https://bücher.example/', 'bücher.example'],
    ['https://xn--bcher-kva.example/', 'Bücher.example'],
    ['mailto:wren@bank.example', 'wren@bank.example'],
    ['mailto:wren@bank.example', 'write to us'],
    ['https://10.0.0.17:8080/x', '10.0.0.17'],
  ])('%s as "%s"', (url, words) => expect(doubtOf(url, words)).toBeNull());
});

describe('one whose words name another host is asked about', () => {
  test.each([
    ['https://evil.example/', 'https://bank.example'],
    ['https://evil.example/', 'bank.example'],
    ['https://evil.example/', 'bank.example/evil.example'],
    ['https://evil.example/', 'Log in at bank.example, please'],
    ['https://evil.example/', 'https://bank.example evil.example'],
    ['https://evil.example/bank.example', 'bank.example'],
    ['https://bank.example.evil.example/', 'bank.example'],
    ['https://evil.example/', 'bank\u200b.exam\u00adple'],
    ['https://evil.example/', 'ｂａｎｋ．ｅｘａｍｐｌｅ'],
    ['https://bank.example/', 'b\u0430nk.example'],
    ['https://evil.example/', 'bank.рф'],
    ['https://evil.example/', '192.168.0.1'],
    ['https://evil.example/', '…bank.example…'],
    ['https://evil.example/', 'wren@bank.example'],
    ['https://evil.example/', 'https://evil.example@bank.example/'],
    ['mailto:wren@evil.example', 'wren@bank.example'],
  ])('%s as "%s"', (url, words) => expect(doubtOf(url, words)).toBe('names'));
});

test('an address that only begins with a host is asked about', () => {
  const url = 'https://bank.example@evil.example/login';
  expect(leadOf(url, url)).toEqual({ url, to: 'evil.example', address: url, doubt: 'user' });
  expect(doubtOf('https://bank.example:443@evil.example/', 'here')).toBe('user');
  expect(leadOf('https://bank.example\\@evil.example/', 'here').to).toBe('bank.example');
});

describe('the host is shown as people read it', () => {
  test.each([
    ['https://EVIL.example:8443/x', 'evil.example:8443'],
    ['https://bücher.example/', 'bücher.example'],
    ['https://пример.рф/', 'пример.рф'],
    ['https://例え.テスト/', '例え.テスト'],
    // Nobody sees that these are no Latin letters.
    ['https://b\u0430nk.example/', 'xn--bnk-6cd.example'],
    ['https://\u0430\u0440\u0440\u04cf\u0435.com/', 'xn--80ak6aa92e.com'],
    ['https://x@bücher.example/', 'bücher.example'],
    ['https://xn--bcher-kva.example/', 'xn--bcher-kva.example'],
    ['mailto:wren@example.org?subject=x', 'wren@example.org'],
  ])('%s', (url, host) => expect(leadOf(url, 'x').to).toBe(host));
});

test('words are read in time that grows as they do', () => {
  for (const words of ['a'.repeat(60_000), 'a.'.repeat(30_000), `${'a-'.repeat(900)}.`]) {
    const began = performance.now();
    for (let n = 0; n < 20; n++) leadOf('https://evil.example/', words);
    expect(performance.now() - began, words.slice(0, 4)).toBeLessThan(200);
  }
});

test('what is no address is shown as it is', () => {
  expect(leadOf('https://', 'x')).toEqual({
    url: 'https://',
    to: 'https://',
    address: 'https://',
    doubt: null,
  });
});
