/**
 * A fake of the backend: the same commands and events, with all data in memory. With it, the UI runs
 * in a browser (`npm run dev`) and in tests. Released builds do not contain it (vite.config.ts).
 */
import { mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { actions } from './fake/actions';
import { activity } from './fake/activity';
import { administration } from './fake/administration';
import type { Fake } from './fake/command';
import { conversations } from './fake/conversations';
import { exporting } from './fake/exporting';
import { files } from './fake/files';
import { messages } from './fake/messages';
import { shell, type Phase } from './fake/shell';
import type { World } from './fake/world';

/** Replaces the backend with a fake that uses the data of `world`. */
export function installFake(world: World, phase: Phase = 'open') {
  const fake: Fake = {
    ...shell(world, phase),
    ...administration(world),
    ...conversations(world),
    ...files(world),
    ...exporting(world),
    ...messages(world),
    ...activity(world),
    ...actions(world),
  };
  mockIPC(
    (name, args) => {
      const camel = name.replace(/_./g, (found) => found[1]!.toUpperCase());
      const command = Reflect.get(fake, camel) as ((...args: unknown[]) => unknown) | undefined;
      if (!command) throw new Error(`no such command: ${name}`);
      return command(...Object.values(args ?? {}));
    },
    { shouldMockEvents: true },
  );
  mockConvertFileSrc('linux');
  const internals = Reflect.get(window, '__TAURI_INTERNALS__') as Record<string, unknown>;
  // `pictureAddress` and `attachmentAddress` pass the account and the picture or file.
  internals.convertFileSrc = (path: string) => {
    const name = path.slice(world.id.length + 1);
    return world.pictures.get(name) ?? world.attachments.get(name) ?? '';
  };
}
