/** Colours code where nobody waits for it: what others wrote can keep this thread busy for as long as it is let. */
import type { Asked, Told } from './highlight';
import { piecesOf } from './pieces';

const tell = (told: Told) => postMessage(told);

addEventListener('message', (event: MessageEvent<Asked>) => {
  const { code, language } = event.data;
  try {
    tell({ type: 'done', pieces: piecesOf(code, language) });
  } catch {
    // A grammar that fails on this code: it stays plain.
    tell({ type: 'done', pieces: null });
  }
});
tell({ type: 'ready' });
