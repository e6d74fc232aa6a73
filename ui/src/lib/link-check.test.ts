import { describe, expect, test } from 'vitest';
import { checkLink } from './link-check';

const warningOf = (url: string, words: string) => checkLink(url, words).warning;

describe('a link that names its own host is opened without a warning', () => {
  test.each([
    ['https://evil.example/', 'https://evil.example/'],
    ['https://evil.example/', 'evil.example'],
    ['http://evil.example:8080/a?b#c', 'https://evil.example:8080/a?b#c'],
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
    ['https://evil.example/', '“www.evil.example”, (EVIL.example.) - evil.example/login_'],
    ['https://evil.example/', 'evil.exam\u00adple'],
    ['https://evil.example/', 'https:\\\\evil.example\\page.pages'],
    ['https://evil.example/', 'https://wren@evil.example/'],
    ['https://evil.example/', 'evil。example'],
    ['https://evil.example/', 'これは文です。次の文です。1.2を見る。'],
    ['https://evil.example/', 'یہ ہے۔وہ ہے'],
    ['https://evil.example/', 'so...and so…on'],
    ['https://evil.example/', '«\u202fevil.example\u202f»'],
    ['https://evil.example/', '👩‍🚀 evil.example ❤️'],
    ['https://evil.example/a', `https://evil.example/${'a'.repeat(5000)}`],
    ['https://www.evil.example/a', `www.evil.example/${'a'.repeat(5000)}`],
    ['https://evil.example/', 'a line of words '.repeat(120)],
    ['mailto:wren.lee@bank.example', 'wren.lee@bank.example'],
    ['mailto:wren.lee@bank.example', 'mailto:wren.lee@bank.example'],
    ['https://пример.рф/', 'https://пример.рф/'],
    ['https://xn--80ak6aa92e.com/', 'https://xn--80ak6aa92e.com/'],
    ['https://xn--80ak6aa92e.com/', 'für alle'],
    ['mailto:wren@bücher.example', 'wren@bücher.example'],
    ['http://localhost:3000/', 'localhost'],
    ['http://localhost:3000/', 'see http://localhost:3000/, then this'],
    ['http://[::1]:8080/', 'http://[0:0::1]:8080/'],
    ['http://[::1]/', '[::1]'],
    ['https://evil.example/', 'how to run it on localhost: [1:2], [a] and x: y'],
    ['https://evil.example/', 'see https://evil.example, then std::io'],
  ])('%s as "%s"', (url, words) => expect(warningOf(url, words)).toBeNull());
});

describe('a link whose text names another host has a warning', () => {
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
  ])('%s as "%s"', (url, words) => expect(warningOf(url, words)).toBe('names'));
});

describe('invisible characters do not hide a host', () => {
  const invisible = [
    '\u200b',
    '\u00ad',
    '\u034f',
    '\ufe0f',
    '\u{e0020}',
    '\u2060',
    '\x7f',
    ' ',
    '\u200a',
  ];
  const blank = [
    '\u{1d159}',
    '\u{16fe4}',
    '\u3164',
    '\u115f',
    '\u1160',
    '\u2800',
    '\uffa0',
    '\u2009',
  ];
  test.each([...invisible, ...blank])('%j before the host', (pad) => {
    for (const words of ['https://bank.example', 'at bank.example'])
      expect(warningOf('https://evil.example', pad.repeat(2000) + words)).toBe('names');
  });
  test.each(blank)('%j within the host', (pad) => {
    for (const words of [
      'bank.example_',
      'bank_.example',
      'https://bank.example_/',
      'evil_x.example',
    ])
      expect(warningOf('https://evilx.example', words.replace('_', pad)), words).toBe('names');
  });
  test.each([
    `${'so '.repeat(700)}https://bank.example`,
    `https://evil.example/${'a'.repeat(2000)} https://bank.example`,
    `https://${'a'.repeat(1979)}@evil.example.bank.example`,
    `${'a'.repeat(1987)}@evil.example.bank.example`,
    `${'\ufdfa'.repeat(500)} bank.example`,
  ])('a text that is too long %#', (words) =>
    expect(warningOf('https://evil.example', words)).toBe('names'),
  );
  test('text with reversed direction', () => {
    expect(warningOf('https://moc.knab', '\u202emoc.knab')).toBe('names');
    expect(warningOf('https://moc.knab', '\u202ehere')).toBeNull();
  });
});

describe('the user part of an address counts as a host', () => {
  test.each([
    'https://bank.example@evil.example',
    'https://bank.example:443@evil.example/login',
    'https://wren:bank.example@evil.example',
    'https://bank.example＠evil.example',
    'https://bank.рф@evil.example',
    'https://bank%2eexample@evil.example',
    'https:/\\/bank.example@evil.example',
    'https:bank.example@evil.example',
    'git://bank.example@evil.example',
    'bank.example@evil.example',
    'bank.example://evil.example',
    'evil.example://bank.example',
  ])('%s', (words) => expect(warningOf('https://evil.example', words)).toBe('names'));
});

describe('a host is recognized in every spelling', () => {
  test.each([
    // Characters and lengths that no host can have.
    'xn--a.example',
    'bank.example\ud7b0',
    `${'a'.repeat(300)}.example`,
    'https://bank.example:99999/',
    // Dots.
    'bank。example',
    'bank．example',
    'bank｡example',
    'bank․example',
    'bank\ua4f8example',
    'bank\u0660example',
    '192。168。0。1',
    '银行。com',
    '银行。中国',
    'bank%2Eexample',
    'bank%E3%80%82example',
    'x..bank.example',
    // Slashes.
    'https:／／bank.example／evil.example',
    'https:⁄⁄bank.example',
    'https:/\\/bank.example',
    'https:\\\\bank.example',
    'https:bank.example',
    'bank.example\\evil.example',
    'bank.example∕evil.example',
    // Letters.
    'b\u00ada\u00adnk.example',
    'bank.\u{1f172}\u{1f17e}\u{1f17c}',
    'ⓑⓐⓝⓚ.example',
    '\u0435vil.example',
    'bank\u2011evil.example',
  ])('%s', (words) => expect(warningOf('https://evil.example', words)).toBe('names'));
});

describe('a host with letters that look like those of another has a warning', () => {
  test.each([
    'https://\u0430\u0440\u0440\u04cf\u0435.com/',
    'https://b\u0430nk.com',
    'https://b\u0430nk.com:8443/x',
    'http://www.b\u0430nk.example/',
  ])('%s', (url) => {
    const { hostname } = new URL(url);
    const written = url.replace(/^https?:\/\//, '').replace(/[:/].*$/, '');
    expect(warningOf(url, url)).toBe('names');
    for (const words of [written, `see ${written}, please`, `https://${written}/else`])
      for (const to of [url, `https://${hostname}`])
        expect(warningOf(to, words), words).toBe('names');
    expect(warningOf(`mailto:wren@${written}`, `wren@${written}`)).toBe('names');
    // Its ASCII form resembles no other host, and a text without a host is not misleading.
    expect(warningOf(url, hostname)).toBeNull();
    expect(warningOf(url, 'für alle')).toBeNull();
  });
});

describe('a host without dots is recognized', () => {
  test.each([
    'localhost',
    'LOCALHOST.',
    'localhost:3000',
    'localhost/login',
    'http://localhost',
    'see http://localhost:3000, please',
    'see localhost:3000, please',
    'https://localhost@evil.example',
    'http://intranet',
    'see http://intranet/x',
    '[::1]',
    '[::1]:8080',
    'http://[::1]/',
    'see [2001:db8::1]',
    'see http://[::ffff:10.0.0.1]:8080/.',
  ])('%s', (words) => {
    expect(warningOf('https://evil.example', words)).toBe('names');
    expect(warningOf('http://[::2]/', words)).toBe('names');
  });
});

test('an address with a user part has a warning', () => {
  const url = 'https://bank.example@evil.example/login';
  expect(checkLink(url, url)).toEqual({ url, to: 'evil.example', address: url, warning: 'user' });
  expect(warningOf('https://bank.example:443@evil.example/', 'here')).toBe('user');
  expect(checkLink('https://bank.example\\@evil.example/', 'here').to).toBe('bank.example');
});

describe('the host is shown in its own script unless it looks like another', () => {
  test.each([
    ['https://EVIL.example:8443/x', 'evil.example:8443'],
    ['https://bücher.example/', 'bücher.example'],
    ['https://пример.рф/', 'пример.рф'],
    ['https://例え.テスト/', '例え.テスト'],
    // These letters look like Latin ones but are not.
    ['https://b\u0430nk.example/', 'xn--bnk-6cd.example'],
    ['https://\u0430\u0440\u0440\u04cf\u0435.com/', 'xn--80ak6aa92e.com'],
    ['https://\u0261oogle.com/', 'xn--oogle-qmc.com'],
    ['https://m\u0131crosoft.com/', 'xn--mcrosoft-tkb.com'],
    ['https://ışık.example/', 'ışık.example'],
    ['https://x@bücher.example/', 'bücher.example'],
    ['https://xn--bcher-kva.example/', 'xn--bcher-kva.example'],
    ['mailto:wren@example.org?subject=x', 'wren@example.org'],
  ])('%s', (url, host) => expect(checkLink(url, 'x').to).toBe(host));
});

describe('a mail link whose text names an address leads to that address only', () => {
  test.each([
    ['mailto:evil@bank.example', 'wren@bank.example', 'names'],
    ['mailto:wren@bank.example,evil@bank.example', 'wren@bank.example', 'names'],
    ['mailto:wren@bank.example?bcc=evil@bank.example', 'wren@bank.example', 'names'],
    ['mailto:wren@bank.example', 'Write to Wren@bank.example.', null],
    ['mailto:wren%40bank.example', 'write to wren@bank.example', null],
    ['mailto:wren@bank.example,oak@bank.example', 'wren@bank.example, oak@bank.example', null],
  ])('%s as %s', (url, words, warning) => expect(checkLink(url, words).warning).toBe(warning));

  test.each(['\u0261oogle.com', 'm\u0131crosoft.com', '\u0251pple.com'])(
    'the address %s imitates another one',
    (host) => expect(checkLink(`https://${host}`, host).warning).toBe('names'),
  );
});

test('the check takes linear time', () => {
  const long = [
    'a',
    'a.',
    '.',
    '-',
    ' ',
    '\u200b',
    '\u3164',
    '\ufdfa',
    '\u0301\u0316',
    '@',
    'a.bc ',
    'é',
  ];
  // The fastest of several runs is not disturbed by other processes.
  const fastest = (words: string) => {
    const times = Array.from({ length: 12 }, () => {
      const start = performance.now();
      checkLink('https://evil.example/', words);
      return performance.now() - start;
    });
    return Math.min(...times);
  };
  const times = 16;
  for (const part of [...long, 'a-', '-', 'é']) {
    const words = (length: number) => `x${part.repeat(length / part.length)}x`;
    const [short, tall] = [fastest(words(4_000)), fastest(words(4_000 * times))];
    // Quadratic time would be sixteen times longer than this.
    expect(tall, part).toBeLessThan(times * 6 * Math.max(short, 0.02));
  }
});

test('an invalid address is shown unchanged', () => {
  expect(checkLink('https://', 'x')).toEqual({
    url: 'https://',
    to: 'https://',
    address: 'https://',
    warning: null,
  });
});
