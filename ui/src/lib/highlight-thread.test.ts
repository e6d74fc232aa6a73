// @vitest-environment node
import { Worker as NodeWorker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Highlighter, MOST, type HighlightRequest, type Thread } from './highlight';
import { highlighter as languages } from './languages';

let script = '';
const threads: NodeWorker[] = [];

/** Starts the built worker in a thread of Node. */
function begin(): Thread {
  const global = `const { parentPort } = require('node:worker_threads');
    globalThis.postMessage = (told) => parentPort.postMessage(told);
    globalThis.addEventListener = (_, heard) => parentPort.on('message', (data) => heard({ data }));`;
  const worker = new NodeWorker(`${global}\n${script}`, { eval: true });
  threads.push(worker);
  const thread: Thread = {
    onmessage: null,
    onerror: null,
    postMessage: (asked: HighlightRequest) => worker.postMessage(asked),
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

/** Inputs that were slow in some grammar: long runs of what could start a token. */
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

test('no code in any language keeps the page waiting, and every block gets its answer', async () => {
  const colours = new Highlighter(begin);
  let [last, longest] = [performance.now(), 0];
  const beat = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  for (const language of languages.listLanguages()) {
    // The blocks of one language at a time: at most a hundred blocks may wait.
    const blocks = hostile.map((part) => part.repeat(MOST).slice(0, MOST));
    const answers = await Promise.all(blocks.map((code) => colours.highlight(code, language)));
    answers.forEach((pieces, n) => {
      if (pieces) expect(pieces.map((piece) => piece.text).join('')).toBe(blocks[n]);
    });
  }
  clearInterval(beat);
  expect(longest).toBeLessThan(250);
  expect(await colours.highlight('const x = 1', 'js')).toContainEqual({
    text: 'const',
    class: 'hljs-keyword',
  });
}, 120_000);
