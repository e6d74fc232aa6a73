import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Failure, type Ipc, type SyncStatus } from '../../ipc';
import { text } from '../../lib/text';
import { createApp, render } from '../render';
import ProfilePicture from './ProfilePicture.svelte';

vi.mock('../../ipc', async (original) => ({
  ...(await original<object>()),
  pictureAddress: (account: string, picture: string) => `picture://localhost/${account}-${picture}`,
}));

/** The part of the picture that was drawn last: left, top, side. */
let drawn: number[] = [];
const PNG = '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x90\0\0\0\xc8\x08\x02\0\0\0';

/** A fake canvas, which always encodes the same file. */
beforeEach(() => {
  const context = {
    ...{ clearRect: () => undefined, fillRect: () => undefined },
    drawImage: (_: unknown, left: number, top: number, side: number) => (drawn = [left, top, side]),
    getImageData: () => ({ data: [0, 0, 0, 255] }),
  };
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(context as never);
  vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation((done, type = '') =>
    done({ type, arrayBuffer: async () => new Uint8Array([1, 2, 3]).buffer } as Blob),
  );
  const bitmap = { width: 400, height: 200, close: () => undefined };
  vi.stubGlobal('createImageBitmap', () => Promise.resolve(bitmap));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function renderPicture(ipc: Partial<Ipc>, connection = 'online') {
  const app = createApp({ pictures: () => Promise.resolve([]), ...ipc });
  [app.id, app.account] = [
    'x',
    { userId: 'me', username: 'marlow', server: '' } as typeof app.account,
  ];
  app.status = { connection } as SyncStatus;
  const target = render(ProfilePicture, { name: 'marlow' }, app);
  const find = <E extends HTMLElement>(selector: string) => target.querySelector<E>(selector)!;
  const button = (label: string) =>
    [...target.querySelectorAll('button')].find((button) => button.textContent.trim() === label);
  /** Drops a file with this content. */
  const drop = (content: string) => {
    const bytes = Uint8Array.from(content, (letter) => letter.charCodeAt(0));
    const file = { size: bytes.length, arrayBuffer: async () => bytes.buffer };
    const event = new Event('drop', { bubbles: true, cancelable: true });
    Object.defineProperty(event, 'dataTransfer', { value: { files: [file] } });
    find('[role=group]').dispatchEvent(event);
    return event;
  };
  const until = (condition: () => unknown) =>
    vi.waitFor(() => {
      flushSync();
      expect(condition()).toBeTruthy();
    });
  return { app, target, find, button, drop, until };
}

test('a picture can be dropped, cropped with the keyboard, and saved', async () => {
  const setPicture = vi.fn(() => Promise.resolve(null));
  const { find, button, drop, until } = renderPicture({ setPicture });
  expect(drop(PNG).defaultPrevented).toBe(true);
  await until(() => button(text.savePicture));
  expect(document.activeElement).toBe(find('canvas'));
  expect(drawn).toEqual([100, 0, 200]);
  const press = (key: string) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    find('canvas').dispatchEvent(event);
    flushSync();
    return event.defaultPrevented;
  };
  expect(press('ArrowRight')).toBe(true);
  expect(drawn).toEqual([90, 0, 200]);
  press('+');
  expect(drawn[2]).toBeLessThan(200);
  press('0');
  expect(drawn).toEqual([100, 0, 200]);
  expect(press('Tab')).toBe(false);
  button(text.savePicture)!.click();
  await until(() => find('[role=status]').textContent === text.pictureChanged);
  expect(setPicture).toHaveBeenCalledWith([1, 2, 3]);
  await until(() => document.activeElement === button(text.changePicture));
});

test('the zoom is also a slider, and Escape closes only the cropper', async () => {
  const { find, button, drop, until } = renderPicture({});
  drop(PNG);
  await until(() => button(text.savePicture));
  const zoom = find<HTMLInputElement>('[name=zoom]');
  zoom.value = '1';
  zoom.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  expect(drawn[2]).toBe(25);
  const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true });
  const outside = vi.fn();
  document.body.addEventListener('keydown', outside, { once: true });
  zoom.dispatchEvent(escape);
  expect(escape.defaultPrevented).toBe(true);
  expect(outside).not.toHaveBeenCalled();
  await until(() => document.activeElement === button(text.changePicture));
});

test('a file that cannot be opened or saved is reported, and the cropper stays open', async () => {
  const error = new Failure({ code: 'rate_limited', reason: null });
  const setPicture = vi.fn(() => Promise.reject(error));
  const { find, button, drop, until } = renderPicture({ setPicture });
  const failure = () => find('[role=group] > [role=alert]').textContent;
  drop('hello');
  await until(() => failure() === text.pictureProblems.unknown);
  drop(PNG);
  await until(() => button(text.savePicture));
  expect(failure()).toBe('');
  drop('hello');
  await until(() => failure() === text.pictureProblems.unknown);
  button(text.savePicture)!.click();
  await until(() => failure() !== '' && failure() !== text.pictureProblems.unknown);
  expect(setPicture).toHaveBeenCalled();
  expect(button(text.savePicture)!.disabled).toBe(false);
});

test('an existing picture is shown once it is loaded, and can be removed', async () => {
  const removePicture = vi.fn(() => Promise.resolve(null));
  const pictures = () => Promise.resolve([{ person: 'me', picture: 'f00d', isHere: true }]);
  const { target, find, button, until } = renderPicture({ pictures, removePicture });
  expect(target.textContent).toContain('MA');
  await until(() => find('img'));
  expect(find<HTMLImageElement>('img').src).toBe('picture://localhost/x-f00d');
  expect(target.textContent).toContain('MA');
  find('img').dispatchEvent(new Event('load'));
  flushSync();
  expect(target.textContent).not.toContain('MA');
  expect(find('img').hidden).toBe(false);
  // Its file was removed from this computer.
  find('img').dispatchEvent(new Event('error'));
  flushSync();
  expect(target.textContent).toContain('MA');
  button(text.removePicture)!.click();
  await until(() => find('[role=status]').textContent === text.pictureRemoved);
  expect(removePicture).toHaveBeenCalled();
});

test('the picture cannot be changed offline, and the reason is shown', () => {
  const { target, button, drop, find } = renderPicture({}, 'offline');
  expect(button(text.changePicture)!.disabled).toBe(true);
  expect(target.textContent).toContain(text.youAreOffline);
  drop(PNG);
  expect(find('canvas')).toBeNull();
});
