// @vitest-environment node
import { Worker as NodeWorker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Highlighter, MAX_CODE_LENGTH, type HighlightRequest, type Thread } from './highlight';
import { highlighter as languages } from './languages';

let script = '';
const threads: NodeWorker[] = [];

/** Starts the built worker in a thread of Node. */
function startThread(): Thread {
  const global = `const { parentPort } = require('node:worker_threads');
    globalThis.postMessage = (message) => parentPort.postMessage(message);
    globalThis.addEventListener = (_, listener) => parentPort.on('message', (data) => listener({ data }));`;
  const worker = new NodeWorker(`${global}\n${script}`, { eval: true });
  threads.push(worker);
  const thread: Thread = {
    onmessage: null,
    onerror: null,
    postMessage: (request: HighlightRequest) => worker.postMessage(request),
    terminate: () => void worker.terminate(),
  };
  worker.on('message', (data) =>
    thread.onmessage?.call(thread as Worker, { data } as MessageEvent),
  );
  return thread;
}

beforeAll(async () => {
  const entry = fileURLToPath(new URL('./highlight.worker.ts', import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'worker' } },
  });
  const [bundle] = Array.isArray(built) ? built : [built];
  if (!bundle || !('output' in bundle)) throw new Error('nothing was built');
  script = bundle.output[0].code;
}, 60_000);
afterAll(() => Promise.all(threads.map((thread) => thread.terminate())));

/** Inputs that were slow in some grammar: long repetitions of the start of a token. */
const hostile = [
  'function ',
  '(',
  '"',
  "'",
  '<',
  '/*',
  '\\',
  'a=',
  '{{',
  '- ',
  ' \n',
  '::<',
  '$(',
  '@a ',
];

test('no code in any language blocks the page, and every block gets a result', async () => {
  const highlighter = new Highlighter(startThread);
  let [lastTick, longestPause] = [performance.now(), 0];
  const interval = setInterval(() => {
    longestPause = Math.max(longestPause, performance.now() - lastTick);
    lastTick = performance.now();
  }, 5);
  for (const language of languages.listLanguages()) {
    // One language at a time, since at most a hundred blocks may wait.
    const blocks = hostile.map((part) => part.repeat(MAX_CODE_LENGTH).slice(0, MAX_CODE_LENGTH));
    const results = await Promise.all(blocks.map((code) => highlighter.highlight(code, language)));
    results.forEach((pieces, index) => {
      if (pieces) expect(pieces.map((piece) => piece.text).join('')).toBe(blocks[index]);
    });
  }
  clearInterval(interval);
  expect(longestPause).toBeLessThan(250);
  expect(await highlighter.highlight('const x = 1', 'js')).toContainEqual({
    text: 'const',
    class: 'hljs-keyword',
  });
}, 120_000);
