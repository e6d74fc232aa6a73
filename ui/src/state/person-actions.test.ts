import { expect, test } from 'vitest';
import type { Ipc, PersonInfo } from '../ipc';
import type { Administration } from './administration.svelte';
import { hasPersonActions, personActions } from './person-actions';

test('a person has actions exactly if there are any', () => {
  for (const role of ['administrator', 'member'] as const)
    for (const deactivatedAt of [null, 1])
      for (const isOnly of [true, false])
        for (const me of ['wren', 'oak', undefined])
          for (const sessions of [0, 2]) {
            const person = {
              id: 'wren',
              username: 'wren',
              displayName: '',
              role,
              deactivatedAt,
              sessions,
            };
            const context = { me, isOnly };
            const actions = personActions(person as unknown as PersonInfo, {
              ...context,
              administration: {} as Administration,
              ipc: {} as Ipc,
              reset: () => undefined,
            });
            expect(hasPersonActions(person as unknown as PersonInfo, context)).toBe(
              actions.length > 0,
            );
          }
});
