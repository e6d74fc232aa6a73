/** The size of all text on this device. */
import { readPageSetting, writePageSetting, SETTINGS, ZOOM_STEPS } from './settings';
import { shortcutOf } from './shortcuts';

function set(percent: number) {
  document.documentElement.style.fontSize = percent === 100 ? '' : `${percent}%`;
  writePageSetting(SETTINGS.zoom, percent);
}

function step(steps: number) {
  const index = ZOOM_STEPS.indexOf(readPageSetting(SETTINGS.zoom)) + steps;
  set(ZOOM_STEPS[Math.max(0, Math.min(index, ZOOM_STEPS.length - 1))]!);
}

/** Restores the size on this device, and handles the shortcuts that change it. */
export function startZoom() {
  set(readPageSetting(SETTINGS.zoom));
  window.addEventListener('keydown', (event) => {
    const name = shortcutOf(event);
    if (name === 'zoomIn') step(1);
    else if (name === 'zoomOut') step(-1);
    else if (name === 'zoomReset') set(100);
    else return;
    event.preventDefault();
  });
}
