import { flushSync, tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import type { Ipc, PersonInfo, SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import People from './People.svelte';

const person = (username: string, more: Partial<PersonInfo> = {}): PersonInfo => ({
  ...{ id: username, username, role: 'member', lastSeen: null, deactivatedAt: null },
  ...{ displayName: '', hasPassword: true, sessions: 3, groups: 11, owned: 2, ...more },
});
const WREN = person('Wren', { role: 'administrator' });
const MANY = [WREN, person('oak'), person('elm', { deactivatedAt: 1 }), person('Ёж')];

/** Renders the page with these people, for the user Wren. */
function renderPage(people: PersonInfo[], ipc: Partial<Ipc> = {}, connection = 'online') {
  const app = createApp({ everybody: () => Promise.resolve(people), ...ipc });
  app.account = {
    ...{
      server: 'https://a.example',
      serverName: null,
      serverPicture: null,
      hasPresence: true,
      welcome: '',
    },
    ...{ userId: 'Wren', username: 'Wren', name: 'Wren' },
  };
  app.status = { connection } as SyncStatus;
  app.administration.people.rows = people;
  app.administration.people.loadedAt = 0;
  app.administration.page = 'people';
  const target = render(People, {}, app);
  const rows = () => [...target.querySelectorAll<HTMLElement>('tbody tr[aria-rowindex]')];
  const names = () => rows().map((row) => row.querySelector('bdi')!.textContent);
  const press = async (key: string) => {
    document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    flushSync();
    await tick();
  };
  const entries = () => [...target.querySelectorAll<HTMLElement>('[role=menuitem]')];
  /** Opens a person's menu and chooses the entry with this name. */
  const choose = async (name: string, entry: string) => {
    rows()
      .find((row) => row.textContent!.includes(name))!
      .focus();
    await press('Enter');
    entries()
      .find((item) => item.textContent!.includes(entry))!
      .click();
    flushSync();
  };
  return { app, target, rows, names, press, entries, choose };
}

test('people are sorted by name in any letter case, in both directions', () => {
  const { target, names } = renderPage(MANY);
  expect(names()).toEqual(['elm', 'oak', 'Wren', 'Ёж']);
  const header = target.querySelector('th')!;
  expect(header.ariaSort ?? header.getAttribute('aria-sort')).toBe('ascending');
  header.querySelector('button')!.click();
  flushSync();
  expect(names()).toEqual(['Ёж', 'Wren', 'oak', 'elm']);
  expect(header.getAttribute('aria-sort')).toBe('descending');
});

test('a person is found by a part of their name, and the filters show counts', () => {
  const { target, names } = renderPage(MANY);
  const field = target.querySelector('input')!;
  const type = (words: string) => {
    field.value = words;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
  };
  type('RE');
  expect(names()).toEqual(['Wren']);
  type('еж');
  expect(names()).toEqual(['Ёж']);
  type('nobody');
  expect(target.textContent).toContain(text.noPeopleFound);
  type('');
  const filters = [...target.querySelectorAll<HTMLElement>('[aria-pressed]')];
  expect(filters.map((chip) => chip.textContent!.replace(/\s+/g, ' ').trim())).toEqual([
    ...['All 4', 'Administrators 1', 'Deactivated 1'],
  ]);
  filters[2]!.click();
  flushSync();
  expect(names()).toEqual(['elm']);
});

/** Types into the field that finds people. */
function filterBy(target: HTMLElement, words: string) {
  const field = target.querySelector('input')!;
  field.value = words;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

test('a person is found by either name, and a confirmation shows both', async () => {
  const zoe = person('zvd', { displayName: 'Zoë van Dijk' });
  const { app, target, names, rows, choose } = renderPage([...MANY, zoe]);
  for (const words of ['zoe', 'VAN', 'zvd', '@zvd']) {
    filterBy(target, words);
    expect(names()).toEqual(['Zoë van Dijk']);
  }
  expect(rows()[0]!.textContent).toContain('@zvd');
  await choose('Zoë', text.deactivate);
  expect(app.confirmation!.title).toBe('Deactivate Zoë van Dijk (@zvd)?');
  expect(app.confirmation!.points!.join(' ')).toContain('nobody can sign in as zvd');
  filterBy(target, '');
  expect(names()).toEqual(['elm', 'oak', 'Wren', 'Zoë van Dijk', 'Ёж']);
});

test('typing renders only the visible rows of thousands', () => {
  const many = Array.from({ length: 5000 }, (_, n) =>
    person(`p${n}`, { displayName: `Person ${String(n).padStart(4, '0')}` }),
  );
  const { target, rows, names } = renderPage(many);
  const observer = new MutationObserver(() => undefined);
  observer.observe(target, { subtree: true, childList: true });
  for (const words of ['p', 'pe', 'per', 'pers', 'person 4', 'person 42']) {
    filterBy(target, words);
    const added = observer.takeRecords().flatMap(({ addedNodes }) => [...addedNodes]);
    const addedRows = added.filter((node) => node instanceof HTMLTableRowElement);
    expect(addedRows.length).toBeLessThan(60);
    expect(rows().length).toBeLessThan(60);
  }
  observer.disconnect();
  expect(names()[0]).toBe('Person 4200');
  expect(target.textContent).toContain('100 of 5,000');
});

test('typing changes the rows that are shown instead of creating others', () => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockImplementation(function (
    this: HTMLElement,
  ) {
    return this.parentElement!.className.startsWith('ruler') ? 1600 : 600;
  });
  const names = ['amber', 'birch', 'cedar', 'amaranth', 'ambrosia'];
  const many = Array.from({ length: 5000 }, (_, n) => person(`${names[n % 5]} ${n}`));
  const { target, rows } = renderPage(many);
  for (const words of ['a', 'am', 'amb', '', 'b', 'bi', 'birch 4', '']) {
    const before = new Set(rows());
    filterBy(target, words);
    // 600 pixels show twelve rows of 50 pixels.
    expect(rows().length).toBe(12);
    expect(rows().filter((row) => !before.has(row))).toEqual([]);
    expect(rows().every((row) => row.textContent!.includes(words))).toBe(true);
  }
  vi.restoreAllMocks();
});

test('the table is a single Tab stop, in which arrow keys move', async () => {
  const { rows, press, names, target } = renderPage(MANY);
  expect(rows().map((row) => row.tabIndex)).toEqual([0, -1, -1, -1]);
  rows()[0]!.focus();
  await press('ArrowDown');
  expect(document.activeElement).toBe(rows()[1]);
  expect(rows().map((row) => row.tabIndex)).toEqual([-1, 0, -1, -1]);
  await press('End');
  expect(document.activeElement).toBe(rows()[3]);
  await press('w');
  expect(names()[rows().indexOf(document.activeElement as HTMLElement)]).toBe('Wren');
  await press('Home');
  await press('ArrowUp');
  expect(document.activeElement).toBe(target.querySelector('th button'));
  await press('ArrowDown');
  expect(document.activeElement).toBe(rows()[0]);
});

test('Enter opens the menu of a row, and Escape returns the focus', async () => {
  const { rows, press, entries } = renderPage(MANY);
  rows()[1]!.focus();
  await press('Enter');
  const names = entries().map((entry) => entry.textContent!.replace(/\s+/g, ' ').trim());
  expect(names).toEqual([
    text.giveServerRole,
    text.resetPassword,
    `${text.endSessions} 3 devices`,
    text.deactivate,
    text.erase,
  ]);
  expect(document.activeElement).toBe(entries()[0]);
  await press('ArrowUp');
  expect(document.activeElement).toBe(entries().at(-1));
  await press('Escape');
  expect([entries().length, document.activeElement]).toEqual([0, rows()[1]]);
});

test('the only administrator has no menu, and the row shows why', async () => {
  const { rows, press, entries, target } = renderPage(MANY);
  const row = rows()[2]!;
  expect(row.textContent).toContain(text.onlyAdministrator);
  expect(row.querySelector('button')).toBeNull();
  row.focus();
  await press('Enter');
  expect(entries()).toEqual([]);
  // With a second administrator, one can be removed.
  const twoAdministrators = renderPage([WREN, person('oak', { role: 'administrator' })]);
  expect(twoAdministrators.target.textContent).not.toContain(text.onlyAdministrator);
  // An administrator who cannot sign in does not count.
  const deactivated = renderPage([
    WREN,
    person('oak', { role: 'administrator', deactivatedAt: 1 }),
  ]);
  expect(deactivated.target.textContent).toContain(text.onlyAdministrator);
  expect(target).toBeDefined();
});

test('the confirmation of a deactivation lists its effects with numbers', async () => {
  const deactivate = vi.fn(() => Promise.resolve(null));
  const { app, choose } = renderPage(MANY, { deactivate });
  await choose('oak', text.deactivate);
  const confirmation = app.confirmation!;
  expect(confirmation.title).toBe('Deactivate oak?');
  const effects = confirmation.points!.join(' ');
  for (const part of [
    '3 devices are signed out',
    '2 groups lose their owner',
    'under the name oak',
  ])
    expect(effects).toContain(part);
  expect(deactivate).not.toHaveBeenCalled();
  app.runConfirmed(true);
  expect(deactivate).toHaveBeenCalledWith('oak', true);
  await vi.waitFor(() => expect(app.toast).toBe('oak was deactivated.'));
});

test('a refusal by the server is shown on the page, and the rows stay', async () => {
  const reactivate = () => Promise.reject(new Error('The server is away.'));
  const { target, choose, names } = renderPage(MANY, { reactivate });
  await choose('elm', text.reactivate);
  await vi.waitFor(() => {
    flushSync();
    expect(target.querySelector('[role=alert]')!.textContent).toBe('The server is away.');
  });
  expect(names().length).toBe(4);
});

test('offline the loaded people stay visible, without actions', async () => {
  const { target, rows, press, entries } = renderPage(MANY, {}, 'offline');
  expect(rows().length).toBe(4);
  expect(target.querySelector('[role=status]')!.textContent).toMatch(/^You are offline\. Checked /);
  for (const button of target.querySelectorAll('tbody button'))
    expect((button as HTMLButtonElement).disabled).toBe(true);
  rows()[1]!.focus();
  await press('Enter');
  expect(entries()).toEqual([]);
});

test('only visible rows of thousands are rendered, and keys reach all of them', async () => {
  const { rows, press, names } = renderPage([
    WREN,
    ...Array.from({ length: 5000 }, (_, n) => person(`person ${String(n).padStart(4, '0')}`)),
  ]);
  expect(rows().length).toBeLessThan(60);
  rows()[0]!.focus();
  await press('End');
  expect(names().at(-1)).toBe('Wren');
  expect(document.activeElement).toBe(rows().at(-1));
  expect(rows().at(-1)!.getAttribute('aria-rowindex')).toBe('5002');
  await press('Home');
  expect(document.activeElement!.textContent).toContain('person 0000');
});

test('a menu keeps the focus although its entries change', async () => {
  const { app, rows, press, entries } = renderPage(MANY);
  rows()[0]!.focus();
  await press('Enter');
  const name = (element: Element | null) => element?.textContent?.trim();
  await press('ArrowDown');
  await press('ArrowDown');
  expect(name(document.activeElement)).toBe(text.reactivate);
  // The list is loaded again, because the person was reactivated and has become an administrator.
  app.administration.people.rows = [WREN, person('elm', { role: 'administrator', sessions: 0 })];
  flushSync();
  await tick();
  expect(entries().map(name)).toEqual([
    ...[text.takeServerRole, text.resetPassword, text.deactivate, text.erase],
  ]);
  expect(name(document.activeElement)).toBe(text.deactivate);
  await press('ArrowUp');
  entries()[0]!.click();
  flushSync();
  expect(entries()).toEqual([]);
  expect(document.activeElement).toBe(rows()[0]);
});
