import { beforeEach, afterEach, expect, test, vi } from 'vitest';
import type { PersonPresence } from '../ipc';
import { Clock } from './clock.svelte';
import { Presence } from './presence.svelte';

/** The observed elements, and a function that makes some of them visible. */
let observed = new Set<Element>();
let setVisible: (elements: Element[], isIntersecting?: boolean) => void;

beforeEach(() => {
  vi.useFakeTimers();
  observed = new Set();
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(notify: (entries: { target: Element; isIntersecting: boolean }[]) => void) {
        setVisible = (elements, isIntersecting = true) =>
          notify(elements.map((target) => ({ target, isIntersecting })));
      }
      observe = (element: Element) => observed.add(element);
      unobserve = (element: Element) => observed.delete(element);
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const person = (id: string, state: PersonPresence['state'] = 'online'): PersonPresence => ({
  ...{ id, state, lastSeenAt: null, status: null },
});

function showPeople(ids: string[]) {
  const peoplePresence = vi.fn((people: string[]) =>
    Promise.resolve(people.map((id) => person(id))),
  );
  const presence = new Presence({ peoplePresence } as never, new Clock());
  const shown = ids.map((id) => {
    const element = document.createElement('i');
    return { element, stop: presence.track(id)(element)! };
  });
  return { presence, peoplePresence, shown };
}

test('only visible people are requested, all of them together', async () => {
  const { presence, peoplePresence, shown } = showPeople(['oak', 'wren', 'oak', 'elm']);
  expect(presence.of('oak')).toBeNull();
  setVisible(shown.slice(0, 3).map(({ element }) => element));
  await vi.advanceTimersByTimeAsync(300);
  expect(peoplePresence.mock.calls).toEqual([[['oak', 'wren']]]);
  expect(presence.of('oak')?.state).toBe('online');
  expect(presence.of('elm')).toBeNull();
  expect(presence.of(null)).toBeNull();
});

test('at most 200 of many visible people are requested', async () => {
  const { peoplePresence, shown } = showPeople(
    Array.from({ length: 20_000 }, (_, index) => `p${index}`),
  );
  setVisible(shown.map(({ element }) => element));
  await vi.advanceTimersByTimeAsync(300);
  expect(peoplePresence).toHaveBeenCalledTimes(1);
  expect(peoplePresence.mock.calls[0]![0]).toHaveLength(200);
});

test('many changes cause at most one request in two seconds', async () => {
  const { presence, peoplePresence, shown } = showPeople(['oak']);
  setVisible([shown[0]!.element]);
  await vi.advanceTimersByTimeAsync(300);
  for (let change = 0; change < 1000; change++) {
    presence.refresh();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(peoplePresence.mock.calls.length).toBeLessThanOrEqual(1 + 6);
  await vi.advanceTimersByTimeAsync(5000);
  const before = peoplePresence.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(peoplePresence.mock.calls.length, 'no request without a change').toBe(before);
});

test('people who are no longer visible are removed', async () => {
  const { presence, peoplePresence, shown } = showPeople(['oak', 'wren']);
  setVisible(shown.map(({ element }) => element));
  await vi.advanceTimersByTimeAsync(300);
  setVisible([shown[0]!.element], false);
  await vi.advanceTimersByTimeAsync(3000);
  expect(peoplePresence).toHaveBeenLastCalledWith(['wren']);
  expect(presence.of('oak')).toBeNull();
  shown[1]!.stop();
  await vi.advanceTimersByTimeAsync(3000);
  expect(peoplePresence).toHaveBeenLastCalledWith([]);
  expect(observed.has(shown[1]!.element)).toBe(false);
});
