import type * as gen from '../bindings.gen';
import { events } from '../bindings.gen';
import type { Fake } from './command';
import { refusal, type World } from './world';

/** Time between two steps of a fake export, in milliseconds, and their number. */
const STEP_MS = 150;
const STEPS = 10;

/** Commands about exports. They write nothing. */
export function exporting(world: World) {
  let isCancelled = false;
  const isSelected = ({ selection }: gen.ExportRequest_Deserialize, id: gen.ConversationId) =>
    selection.of === 'everything' || (selection.of === 'conversation' && selection.id === id);
  return {
    exportMessages: async (account, request, { title }) => {
      isCancelled = false;
      const selected = [...world.conversations.values()].filter(({ id }) =>
        isSelected(request, id),
      );
      const total = selected.reduce((sum, { messages }) => sum + messages.length, 0);
      for (let step = 0; step <= STEPS; step++) {
        if (isCancelled) throw refusal('invalid', { key: 'exportCancelled' });
        const done = Math.round((total * step) / STEPS);
        void events.exportProgressed.emit({ account, done, total });
        await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      }
      const counts = { conversations: selected.length, messages: total, files: 0, missingFiles: 2 };
      return { name: `${title} 2024-05-17`, ...counts };
    },
    cancelExport: () => ((isCancelled = true), null),
  } satisfies Partial<Fake>;
}
