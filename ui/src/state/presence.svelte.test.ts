import { beforeEach, afterEach, expect, test, vi } from 'vitest';
import type { PersonNow } from '../ipc';
import { Clock } from './clock.svelte';
import { Presence } from './presence.svelte';

/** The elements that are observed, and the way to say what of them is in sight. */
let observed = new Set<Element>();
let see: (elements: Element[], isIntersecting?: boolean) => void;

beforeEach(() => {
  vi.useFakeTimers();
  observed = new Set();
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(tell: (entries: { target: Element; isIntersecting: boolean }[]) => void) {
        see = (elements, isIntersecting = true) =>
          tell(elements.map((target) => ({ target, isIntersecting })));
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

const person = (id: string, state: PersonNow['state'] = 'online'): PersonNow => ({
  ...{ id, state, lastSeenAt: null, status: null },
});

function showing(ids: string[]) {
  const peopleNow = vi.fn((people: string[]) => Promise.resolve(people.map((id) => person(id))));
  const presence = new Presence({ peopleNow } as never, new Clock());
  const shown = ids.map((id) => {
    const element = document.createElement('i');
    return { element, end: presence.follow(id)(element)! };
  });
  return { presence, peopleNow, shown };
}

test('who comes into sight is asked about together, and nobody else', async () => {
  const { presence, peopleNow, shown } = showing(['oak', 'wren', 'oak', 'elm']);
  expect(presence.of('oak')).toBeNull();
  see(shown.slice(0, 3).map(({ element }) => element));
  await vi.advanceTimersByTimeAsync(300);
  expect(peopleNow.mock.calls).toEqual([[['oak', 'wren']]]);
  expect(presence.of('oak')?.state).toBe('online');
  expect(presence.of('elm')).toBeNull();
  expect(presence.of(null)).toBeNull();
});

test('of twenty thousand people, no more are asked about than a server tells', async () => {
  const { peopleNow, shown } = showing(Array.from({ length: 20_000 }, (_, at) => `p${at}`));
  see(shown.map(({ element }) => element));
  await vi.advanceTimersByTimeAsync(300);
  expect(peopleNow).toHaveBeenCalledTimes(1);
  expect(peopleNow.mock.calls[0]![0]).toHaveLength(200);
});

test('however often something changes, it is read once in two seconds', async () => {
  const { presence, peopleNow, shown } = showing(['oak']);
  see([shown[0]!.element]);
  await vi.advanceTimersByTimeAsync(300);
  for (let at = 0; at < 1000; at++) {
    presence.read();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(peopleNow.mock.calls.length).toBeLessThanOrEqual(1 + 6);
  await vi.advanceTimersByTimeAsync(5000);
  const before = peopleNow.mock.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(peopleNow.mock.calls.length, 'nothing is asked while nothing changes').toBe(before);
});

test('who is out of sight is forgotten', async () => {
  const { presence, peopleNow, shown } = showing(['oak', 'wren']);
  see(shown.map(({ element }) => element));
  await vi.advanceTimersByTimeAsync(300);
  see([shown[0]!.element], false);
  await vi.advanceTimersByTimeAsync(3000);
  expect(peopleNow).toHaveBeenLastCalledWith(['wren']);
  expect(presence.of('oak')).toBeNull();
  shown[1]!.end();
  await vi.advanceTimersByTimeAsync(3000);
  expect(peopleNow).toHaveBeenLastCalledWith([]);
  expect(observed.has(shown[1]!.element)).toBe(false);
});
