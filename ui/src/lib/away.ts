import { periods } from '../ipc';

/** Time between two checks of the functions below, in milliseconds. */
const CHECK_INTERVAL_MS = 5000;
/** If this much time passes between two checks, the machine was asleep. In milliseconds. */
const SLEEP_MS = 60_000;

const INPUT_EVENTS = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const;

/** Resolves when keyboard or pointer are used for the first time since the page was loaded. */
export const firstUse = new Promise<void>((resolve) => {
  const uses = new AbortController();
  const note = () => {
    uses.abort();
    resolve();
  };
  const options = { capture: true, passive: true, signal: uses.signal };
  for (const event of INPUT_EVENTS) window.addEventListener(event, note, options);
});

/**
 * Calls `away` at each check while keyboard and mouse have not been used for as many minutes as `minutes` returns,
 * and when the machine was asleep. Does nothing while `minutes` returns 0. Returns a function that stops the checks.
 */
export function whenAway(minutes: () => number, away: () => void): () => void {
  let lastInputAt = Date.now();
  let lastCheckAt = Date.now();
  const noteInput = () => (lastInputAt = Date.now());
  const check = () => {
    const now = Date.now();
    const wasAsleep = now - lastCheckAt > SLEEP_MS;
    lastCheckAt = now;
    const limitMs = minutes() * 60_000;
    if (limitMs > 0 && (wasAsleep || now - lastInputAt >= limitMs)) away();
  };
  for (const event of INPUT_EVENTS) window.addEventListener(event, noteInput, { passive: true });
  const timer = setInterval(check, CHECK_INTERVAL_MS);
  return () => {
    for (const event of INPUT_EVENTS) window.removeEventListener(event, noteInput);
    clearInterval(timer);
  };
}

/**
 * Calls `report` when the window has not been used for ten minutes, and when it is used again. Returns a function that
 * stops the checks.
 */
export function whenUnused(report: (isUsed: boolean) => void): () => void {
  let lastInputAt = Date.now();
  let isUsed = true;
  const noteInput = () => {
    lastInputAt = Date.now();
    if (!isUsed) report((isUsed = true));
  };
  const check = () => {
    if (isUsed && Date.now() - lastInputAt >= periods.unused) report((isUsed = false));
  };
  for (const event of INPUT_EVENTS) window.addEventListener(event, noteInput, { passive: true });
  window.addEventListener('focus', noteInput);
  const timer = setInterval(check, CHECK_INTERVAL_MS);
  return () => {
    for (const event of INPUT_EVENTS) window.removeEventListener(event, noteInput);
    window.removeEventListener('focus', noteInput);
    clearInterval(timer);
  };
}

/** If the window was without focus for this long, its connections may be dead. In milliseconds. */
const LONG_BLUR_MS = 60_000;

/**
 * Calls `back` when connections may be dead: the system is online again, the window has the focus again after a
 * minute or more without it, or the machine was asleep. Returns a function that stops the checks.
 */
export function whenBack(back: () => void): () => void {
  let blurredAt = document.hasFocus() ? null : Date.now();
  let lastCheckAt = Date.now();
  const blurred = () => (blurredAt ??= Date.now());
  const focused = () => {
    if (blurredAt !== null && Date.now() - blurredAt >= LONG_BLUR_MS) back();
    blurredAt = null;
  };
  const timer = setInterval(() => {
    const wasAsleep = Date.now() - lastCheckAt > SLEEP_MS;
    lastCheckAt = Date.now();
    if (wasAsleep) back();
  }, CHECK_INTERVAL_MS);
  window.addEventListener('online', back);
  window.addEventListener('blur', blurred);
  window.addEventListener('focus', focused);
  return () => {
    window.removeEventListener('online', back);
    window.removeEventListener('blur', blurred);
    window.removeEventListener('focus', focused);
    clearInterval(timer);
  };
}
