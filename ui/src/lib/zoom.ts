/** How large everything is written, on this device. */
import { shortcutOf } from './shortcuts';

const KEY = 'zoom';
/** Percent of the system's size. */
const STEPS = [70, 80, 90, 100, 110, 125, 150, 175, 200];

function read(): number {
  const kept = Number(localStorage.getItem(KEY));
  return STEPS.includes(kept) ? kept : 100;
}

function set(percent: number) {
  document.documentElement.style.fontSize = percent === 100 ? '' : `${percent}%`;
  if (percent === 100) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, String(percent));
}

function step(by: number) {
  const at = STEPS.indexOf(read()) + by;
  set(STEPS[Math.max(0, Math.min(at, STEPS.length - 1))]!);
}

/** Shows everything as large as it was, and lets the keyboard change it, whatever is open. */
export function startZoom() {
  set(read());
  window.addEventListener('keydown', (event) => {
    const name = shortcutOf(event);
    if (name === 'zoomIn') step(1);
    else if (name === 'zoomOut') step(-1);
    else if (name === 'zoomReset') set(100);
    else return;
    event.preventDefault();
  });
}
