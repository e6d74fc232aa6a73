/**
 * Highlights code off the main thread: untrusted code can keep a grammar busy until the worker is terminated.
 */
import type { HighlightRequest, HighlightResponse } from './highlight';
import { tokenize } from './tokenize';

const respond = (response: HighlightResponse) => postMessage(response);

addEventListener('message', (event: MessageEvent<HighlightRequest>) => {
  const { code, language } = event.data;
  try {
    respond({ type: 'done', tokens: tokenize(code, language) });
  } catch {
    // The grammar failed on this code, which stays plain.
    respond({ type: 'done', tokens: null });
  }
});
respond({ type: 'ready' });
