/**
 * Colours code off the main thread: code that others wrote can keep a grammar busy until the worker is ended.
 */
import type { HighlightRequest, HighlightResponse } from './highlight';
import { piecesOf } from './pieces';

const respond = (response: HighlightResponse) => postMessage(response);

addEventListener('message', (event: MessageEvent<HighlightRequest>) => {
  const { code, language } = event.data;
  try {
    respond({ type: 'done', pieces: piecesOf(code, language) });
  } catch {
    // The grammar failed on this code, which stays plain.
    respond({ type: 'done', pieces: null });
  }
});
respond({ type: 'ready' });
