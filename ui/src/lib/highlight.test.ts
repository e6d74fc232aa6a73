import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  DEADLINE_MS,
  Highlighter,
  MOST,
  type HighlightRequest,
  type HighlightResponse,
  type Thread,
} from './highlight';
import { highlighter as languages } from './languages';
import { piecesOf, type Piece } from './pieces';

const said = (pieces: Piece[]) => pieces.map((piece) => piece.text).join('');

describe('the pieces', () => {
  test('keep every character and have classes, whatever is in the code', () => {
    const code = 'const x = "<img src=x onerror=alert(1)>"; // hi\n';
    const pieces = piecesOf(code, 'JavaScript')!;
    expect(said(pieces)).toBe(code);
    expect(pieces.find((piece) => piece.text === 'const')?.class).toContain('keyword');
    expect(pieces.find((piece) => piece.text.includes('onerror'))?.class).toContain('string');
  });

  test('keep every character in every language', () => {
    const code =
      '<a b="c">\nfunction f(x) { /* "d */ return `${x}` + \'e\\\'; } # $g @h 0x1F -- é 😀\n';
    for (const language of languages.listLanguages()) {
      expect(said(piecesOf(code, language)!), language).toBe(code);
    }
  });

  test('are none where they would be too many, or nobody knows the language', () => {
    expect(piecesOf('1 '.repeat(2_400), 'js')).toBeNull();
    expect(piecesOf('say 1', 'klingon')).toBeNull();
  });
});

/** A worker that the test controls. */
class Scripted implements Thread {
  static all: Scripted[] = [];
  onmessage: Thread['onmessage'] = null;
  onerror: Thread['onerror'] = null;
  asked: HighlightRequest[] = [];
  ended = false;
  constructor() {
    Scripted.all.push(this);
  }
  postMessage(asked: HighlightRequest) {
    this.asked.push(asked);
  }
  terminate() {
    this.ended = true;
  }
  tell(told: HighlightResponse) {
    this.onmessage!.call(this as unknown as Worker, { data: told } as MessageEvent);
  }
}

describe('the worker', () => {
  const pieces = [{ text: 'x', class: 'y' }];
  const make = () => new Highlighter(() => new Scripted());
  beforeEach(() => {
    Scripted.all = [];
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  test('is not even begun for code that stays plain', async () => {
    const colours = make();
    expect(await colours.highlight('say 1', '')).toBeNull();
    expect(await colours.highlight('x'.repeat(MOST + 1), 'js')).toBeNull();
    expect(Scripted.all).toHaveLength(0);
  });

  test('is one, asked one thing at a time, and the same thing once', async () => {
    const colours = make();
    const answers = ['a', 'b', 'a'].map((code) => colours.highlight(code, 'js'));
    const [worker] = Scripted.all;
    expect(worker!.asked).toHaveLength(0);
    worker!.tell({ type: 'ready' });
    expect(worker!.asked.map((asked) => asked.code)).toEqual(['a']);
    worker!.tell({ type: 'done', pieces });
    worker!.tell({ type: 'done', pieces: null });
    expect(await Promise.all(answers)).toEqual([pieces, null, pieces]);
    expect(await colours.highlight('a', 'js')).toBe(pieces);
    expect(colours.known('b', 'js')).toBeNull();
    expect(colours.known('c', 'js')).toBeUndefined();
    expect(worker!.asked).toHaveLength(2);
    expect(Scripted.all).toHaveLength(1);
  });

  test('is ended at the deadline; that block stays plain and the next one gets another worker', async () => {
    const colours = make();
    const [bad, good] = [colours.highlight('bad', 'cpp'), colours.highlight('good', 'cpp')];
    const [first] = Scripted.all;
    first!.tell({ type: 'ready' });
    vi.advanceTimersByTime(DEADLINE_MS);
    expect(first!.ended).toBe(true);
    expect(await bad).toBeNull();
    const second = Scripted.all[1]!;
    // An answer that the first worker sends after its end is ignored.
    first!.tell({ type: 'done', pieces: null });
    second.tell({ type: 'ready' });
    second.tell({ type: 'done', pieces });
    expect(await good).toBe(pieces);
    // The block is not tried again.
    expect(await colours.highlight('bad', 'cpp')).toBeNull();
    expect(Scripted.all).toHaveLength(2);
  });

  test('leaves all plain if it does not begin, and is tried again later', async () => {
    const colours = make();
    const answers = ['a', 'b'].map((code) => colours.highlight(code, 'js'));
    vi.advanceTimersByTime(60_000);
    expect(await Promise.all(answers)).toEqual([null, null]);
    const again = colours.highlight('a', 'js');
    Scripted.all[1]!.tell({ type: 'ready' });
    Scripted.all[1]!.tell({ type: 'done', pieces });
    expect(await again).toBe(pieces);
  });

  test('ends when nobody has asked for a while', async () => {
    const colours = make();
    const answer = colours.highlight('a', 'js');
    Scripted.all[0]!.tell({ type: 'ready' });
    Scripted.all[0]!.tell({ type: 'done', pieces });
    await answer;
    vi.advanceTimersByTime(60_000);
    expect(Scripted.all[0]!.ended).toBe(true);
  });

  test('has a line that does not grow for ever: who waited longest stays plain', async () => {
    const colours = make();
    const answers = Array.from({ length: 500 }, (_, n) => colours.highlight(`${n}`, 'js'));
    expect(await answers[0]).toBeNull();
    Scripted.all[0]!.tell({ type: 'ready' });
    for (let n = 0; n < 500; n++) Scripted.all[0]!.tell({ type: 'done', pieces });
    expect(await answers[499]).toBe(pieces);
    expect(Scripted.all[0]!.asked.length).toBeLessThan(200);
  });
});
