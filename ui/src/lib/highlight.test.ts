import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  DEADLINE_MS,
  Highlighter,
  MAX_CODE_LENGTH,
  type HighlightRequest,
  type HighlightResponse,
  type Thread,
} from './highlight';
import { highlighter as languages } from './languages';
import { tokenize, type CodeToken } from './tokenize';

const joined = (tokens: CodeToken[]) => tokens.map((piece) => piece.text).join('');

describe('tokens', () => {
  test('keep every character and have classes', () => {
    const code = 'const x = "<img src=x onerror=alert(1)>"; // hi\n';
    const tokens = tokenize(code, 'JavaScript')!;
    expect(joined(tokens)).toBe(code);
    expect(tokens.find((piece) => piece.text === 'const')?.class).toContain('keyword');
    expect(tokens.find((piece) => piece.text.includes('onerror'))?.class).toContain('string');
  });

  test('keep every character in every language', () => {
    const code =
      '<a b="c">\nfunction f(x) { /* "d */ return `${x}` + \'e\\\'; } # $g @h 0x1F -- é 😀\n';
    for (const language of languages.listLanguages()) {
      expect(joined(tokenize(code, language)!), language).toBe(code);
    }
  });

  test('are missing if there are too many, or if the language is unknown', () => {
    expect(tokenize('1 '.repeat(2_400), 'js')).toBeNull();
    expect(tokenize('say 1', 'klingon')).toBeNull();
  });
});

/** A worker that the test controls. */
class FakeThread implements Thread {
  static all: FakeThread[] = [];
  onmessage: Thread['onmessage'] = null;
  onerror: Thread['onerror'] = null;
  requests: HighlightRequest[] = [];
  isTerminated = false;
  constructor() {
    FakeThread.all.push(this);
  }
  postMessage(request: HighlightRequest) {
    this.requests.push(request);
  }
  terminate() {
    this.isTerminated = true;
  }
  respond(response: HighlightResponse) {
    this.onmessage!.call(this as unknown as Worker, { data: response } as MessageEvent);
  }
}

describe('the worker', () => {
  const tokens = [{ text: 'x', class: 'y' }];
  const make = () => new Highlighter(() => new FakeThread());
  beforeEach(() => {
    FakeThread.all = [];
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  test('is not started for code that stays plain', async () => {
    const highlighter = make();
    expect(await highlighter.highlight('say 1', '')).toBeNull();
    expect(await highlighter.highlight('x'.repeat(MAX_CODE_LENGTH + 1), 'js')).toBeNull();
    expect(FakeThread.all).toHaveLength(0);
  });

  test('is shared, gets one request at a time, and each block only once', async () => {
    const highlighter = make();
    const results = ['a', 'b', 'a'].map((code) => highlighter.highlight(code, 'js'));
    const [worker] = FakeThread.all;
    expect(worker!.requests).toHaveLength(0);
    worker!.respond({ type: 'ready' });
    expect(worker!.requests.map((request) => request.code)).toEqual(['a']);
    worker!.respond({ type: 'done', tokens });
    worker!.respond({ type: 'done', tokens: null });
    expect(await Promise.all(results)).toEqual([tokens, null, tokens]);
    expect(await highlighter.highlight('a', 'js')).toBe(tokens);
    expect(highlighter.cached('b', 'js')).toBeNull();
    expect(highlighter.cached('c', 'js')).toBeUndefined();
    expect(worker!.requests).toHaveLength(2);
    expect(FakeThread.all).toHaveLength(1);
  });

  test('is terminated at the deadline; that block stays plain and the next one gets a new worker', async () => {
    const highlighter = make();
    const [bad, good] = [highlighter.highlight('bad', 'cpp'), highlighter.highlight('good', 'cpp')];
    const [first] = FakeThread.all;
    first!.respond({ type: 'ready' });
    vi.advanceTimersByTime(DEADLINE_MS);
    expect(first!.isTerminated).toBe(true);
    expect(await bad).toBeNull();
    const second = FakeThread.all[1]!;
    // A response of the first worker after its termination is ignored.
    first!.respond({ type: 'done', tokens: null });
    second.respond({ type: 'ready' });
    second.respond({ type: 'done', tokens });
    expect(await good).toBe(tokens);
    // The block is not tried again.
    expect(await highlighter.highlight('bad', 'cpp')).toBeNull();
    expect(FakeThread.all).toHaveLength(2);
  });

  test('leaves all blocks plain if it does not start, and is started again later', async () => {
    const highlighter = make();
    const results = ['a', 'b'].map((code) => highlighter.highlight(code, 'js'));
    vi.advanceTimersByTime(60_000);
    expect(await Promise.all(results)).toEqual([null, null]);
    const again = highlighter.highlight('a', 'js');
    FakeThread.all[1]!.respond({ type: 'ready' });
    FakeThread.all[1]!.respond({ type: 'done', tokens });
    expect(await again).toBe(tokens);
  });

  test('is terminated when idle', async () => {
    const highlighter = make();
    const result = highlighter.highlight('a', 'js');
    FakeThread.all[0]!.respond({ type: 'ready' });
    FakeThread.all[0]!.respond({ type: 'done', tokens });
    await result;
    vi.advanceTimersByTime(60_000);
    expect(FakeThread.all[0]!.isTerminated).toBe(true);
  });

  test('has a limited queue: the block that waited longest stays plain', async () => {
    const highlighter = make();
    const results = Array.from({ length: 500 }, (_, n) => highlighter.highlight(`${n}`, 'js'));
    expect(await results[0]).toBeNull();
    FakeThread.all[0]!.respond({ type: 'ready' });
    for (let n = 0; n < 500; n++) FakeThread.all[0]!.respond({ type: 'done', tokens });
    expect(await results[499]).toBe(tokens);
    expect(FakeThread.all[0]!.requests.length).toBeLessThan(200);
  });
});
