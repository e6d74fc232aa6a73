/** The size of all text on this device. */
import { onPage, setOnPage, SETTINGS, ZOOM_STEPS } from './settings';
import { shortcutOf } from './shortcuts';

function set(percent: number) {
  document.documentElement.style.fontSize = percent === 100 ? '' : `${percent}%`;
  setOnPage(SETTINGS.zoom, percent);
}

function step(by: number) {
  const at = ZOOM_STEPS.indexOf(onPage(SETTINGS.zoom)) + by;
  set(ZOOM_STEPS[Math.max(0, Math.min(at, ZOOM_STEPS.length - 1))]!);
}

/** Restores the size on this device, and lets the keyboard change it, whatever is open. */
export function startZoom() {
  set(onPage(SETTINGS.zoom));
  window.addEventListener('keydown', (event) => {
    const name = shortcutOf(event);
    if (name === 'zoomIn') step(1);
    else if (name === 'zoomOut') step(-1);
    else if (name === 'zoomReset') set(100);
    else return;
    event.preventDefault();
  });
}
