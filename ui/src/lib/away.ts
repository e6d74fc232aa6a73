/** Time between two checks of the functions below, in milliseconds. */
const EVERY_MS = 5000;
/** If this much time passes between two checks, the machine was asleep. In milliseconds. */
const SLEPT_MS = 60_000;

const SIGNS = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const;

/**
 * Calls `away` at each check while keyboard and mouse have not been used for as many minutes as `minutes` returns,
 * and when the machine was asleep. Does nothing while `minutes` returns 0. Returns a function that stops the checks.
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

/** If neither keyboard nor mouse were used for this long, the window is not in use (src-tauri/src/idle.rs). */
const UNUSED_MS = 600_000;

/**
 * Calls `tell` when the window has not been used for ten minutes, and when it is used again. Returns a function that
 * stops the checks.
 */
export function whenUnused(tell: (isUsed: boolean) => void): () => void {
  let touched = Date.now();
  let isUsed = true;
  const touch = () => {
    touched = Date.now();
    if (!isUsed) tell((isUsed = true));
  };
  const look = () => {
    if (isUsed && Date.now() - touched >= UNUSED_MS) tell((isUsed = false));
  };
  for (const sign of SIGNS) window.addEventListener(sign, touch, { passive: true });
  window.addEventListener('focus', touch);
  const timer = setInterval(look, EVERY_MS);
  return () => {
    for (const sign of SIGNS) window.removeEventListener(sign, touch);
    window.removeEventListener('focus', touch);
    clearInterval(timer);
  };
}

/** If the window was without focus for this long, its connections may have died meanwhile. In milliseconds. */
const BACK_MS = 60_000;

/**
 * Calls `back` when connections may be dead: the system is online again, the window has the focus again after a
 * minute or more without it, or the machine was asleep. Returns a function that stops the checks.
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
