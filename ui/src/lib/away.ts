/** How often it is looked whether somebody is there. */
const EVERY_MS = 5000;
/** A pause this long between two looks: the machine slept. */
const SLEPT_MS = 60_000;

const SIGNS = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const;

/**
 * Calls back when nobody has touched keys or mouse for so many minutes, or when the machine slept.
 * Nothing while `minutes` answers 0. Answers what ends it.
 */
export function whenAway(minutes: () => number, away: () => void): () => void {
  let touched = Date.now();
  let looked = Date.now();
  const touch = () => (touched = Date.now());
  const look = () => {
    const now = Date.now();
    const slept = now - looked > SLEPT_MS;
    looked = now;
    const after = minutes() * 60_000;
    if (after > 0 && (slept || now - touched >= after)) away();
  };
  for (const sign of SIGNS) window.addEventListener(sign, touch, { passive: true });
  const timer = setInterval(look, EVERY_MS);
  return () => {
    for (const sign of SIGNS) window.removeEventListener(sign, touch);
    clearInterval(timer);
  };
}

/** Out of the window for so long, its connections may have died meanwhile. */
const BACK_MS = 60_000;

/**
 * Calls back when what was connected may not be any more: the system is online again, somebody comes back to
 * the window after a minute, or the machine slept. Answers what ends it.
 */
export function whenBack(back: () => void): () => void {
  let left = document.hasFocus() ? null : Date.now();
  let looked = Date.now();
  const leave = () => (left ??= Date.now());
  const come = () => {
    if (left !== null && Date.now() - left >= BACK_MS) back();
    left = null;
  };
  const timer = setInterval(() => {
    const slept = Date.now() - looked > SLEPT_MS;
    looked = Date.now();
    if (slept) back();
  }, EVERY_MS);
  window.addEventListener('online', back);
  window.addEventListener('blur', leave);
  window.addEventListener('focus', come);
  return () => {
    window.removeEventListener('online', back);
    window.removeEventListener('blur', leave);
    window.removeEventListener('focus', come);
    clearInterval(timer);
  };
}
