import { afterEach, expect, test, vi } from 'vitest';
import characters from './characters.gen.json';
import { compareNames, fold, lowerCase, hasFolded, startsFolded } from './fold';

afterEach(() => void vi.restoreAllMocks());

test('names match regardless of case, accents and spelling variants', () => {
  for (const [typed, name] of [
    ['анд', 'Андрей'],
    ['АНДРЕЙ', 'андрей'],
    ['łukasz', 'Łukasz'],
    ['luk', 'ŁUKASZ'],
    ['zoe', 'Zoë'],
    ['zoe\u0308', 'ZOË'],
    ['ΣΟΦΟΣ', 'σοφος'],
    ['elka', 'ÉLKA'],
    ['strasse', 'Straße'],
    ['iri', 'IRIS'],
    ['istanbul', 'İstanbul'],
    ['thordur', 'Þórður'],
    ['ｗｒｅｎ', 'Wren'],
  ] as const)
    expect(startsFolded(name, typed), `${typed} ${name}`).toBe(true);
  expect(hasFolded('Круг друзей', 'ДРУЗ')).toBe(true);
  expect(startsFolded('Wren', 'oak')).toBe(false);
});

// The same pairs as in crates/protocol, fold.rs.
test('different spellings of the same letters fold to the same text', () => {
  for (const [one, other] of [
    ['\u1112\u1161\u11ab글', '한글'],
    ['ｶﾞｯﾂ \u304b\u3099', 'ガッツ が'],
    ['葛\u{e0100}飾', '葛飾'],
    ['צה״ל ג׳', 'צה"ל ג\''],
    ['п\u02bcять', "п'ять"],
    ['کتابی ۲۰۲۴', 'كتابي 2024'],
    ['Ёлка', 'елка'],
    ['zero\u200bwidth', 'zerowidth'],
  ] as const)
    expect(fold(one), one).toBe(fold(other));
  expect(fold(fold('İΣς ÆØ がｶﾞ'))).toBe(fold('İΣς ÆØ がｶﾞ'));
});

test('texts are folded in the same way as by crates/protocol', () => {
  for (const [text, folded] of characters.folded) expect(fold(text!)).toBe(folded);
});

test('lower case keeps accents, and has one small sigma', () => {
  for (const name of ['Νίκος', 'ΝΊΚΟΣ', 'νίκοσ', 'ΝΙ\u0301ΚΟΣ']) {
    expect(lowerCase(name)).toBe('νίκοσ');
    expect(fold(name)).toBe('νικοσ');
  }
  expect(lowerCase('JOSÉ')).toBe('josé');
});

test('names are compared in the same way in every system language', () => {
  // On a Turkish system, lower case works like this.
  const turkish = function (this: string) {
    return String(this).replaceAll('I', 'ı').toLowerCase();
  };
  vi.spyOn(String.prototype, 'toLocaleLowerCase').mockImplementation(turkish);
  expect(startsFolded('IRIS', 'iri')).toBe(true);
  expect(['öst', 'Zug', 'ost', 'Ähre', 'abt'].sort(compareNames)).toEqual([
    'abt',
    'Ähre',
    'ost',
    'öst',
    'Zug',
  ]);
});

test('no code compares text by the rules of the system’s language', () => {
  const sources = import.meta.glob(['../**/*.{ts,svelte}', '!../**/*.test.ts'], {
    query: '?raw',
    import: 'default',
    eager: true,
  }) as Record<string, string>;
  const localeDependent = /toLocale(Lower|Upper)Case|localeCompare|Intl\.Collator/;
  const found = Object.keys(sources).filter((name) => localeDependent.test(sources[name]!));
  expect(found).toEqual([]);
});
