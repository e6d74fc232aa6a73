/** For tests: every sentence of a catalogue, with a sample for each parameter. */
import type { Catalogue } from '.';

/** Samples for the parameters, by name. */
const SAMPLES = {
  ...{
    n: 3,
    count: 3,
    bytes: 80,
    max: 72,
    min: 8,
    seconds: 3,
    others: 2,
    unread: 3,
    mentions: 2,
    ms: 12,
    repaired: 3,
    here: 1000,
    total: 2000,
    conversations: 2,
    position: 2,
    rows: [{ title: '<title>', n: 8 }],
    more: true,
    own: true,
  },
  ...{ names: ['wren', 'oak'], emoji: '🎉', name: '<name>', title: '<title>', host: '<host>' },
  ...{ device: '<device>', address: '<address>', when: '<when>', key: '<key>' },
  ...{ to: '<to>', username: '<username>', cause: '<cause>', proxy: '<proxy>' },
  ...{ size: '<size>', done: '<done>', left: '<left>', extension: '<extension>', limit: '<limit>' },
  ...{ width: 640, height: 480 },
  ...{ version: '<version>', system: '<system>', path: '<path>' },
};

/** Returns the sentences by their keys, such as `mute.hour`. */
export function sentencesOf(catalogue: Catalogue): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (key: string, value: unknown) => {
    if (typeof value === 'string') found.set(key, value);
    else if (typeof value === 'function') found.set(key, value(SAMPLES) as string);
    else
      for (const [name, child] of Object.entries(value as object)) visit(`${key}.${name}`, child);
  };
  for (const [key, value] of Object.entries(catalogue)) visit(key, value);
  return found;
}
