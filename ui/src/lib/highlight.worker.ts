/**
 * Colours code outside the window's thread: code that others wrote can keep a grammar busy until the worker is ended.
 */
import type { Asked, Told } from './highlight';
import { piecesOf } from './pieces';

const tell = (told: Told) => postMessage(told);

addEventListener('message', (event: MessageEvent<Asked>) => {
  const { code, language } = event.data;
  try {
    tell({ type: 'done', pieces: piecesOf(code, language) });
  } catch {
    // The grammar failed on this code, which stays plain.
    tell({ type: 'done', pieces: null });
  }
});
tell({ type: 'ready' });
