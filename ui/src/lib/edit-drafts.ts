/** Unsent edits of messages, as they are stored until the conversation is opened again. */

export type EditDraft = { id: string; body: string };

/**
 * Longest value that is stored, in UTF-16 units. The limit allows for the bytes that each unit takes in UTF-8.
 */
const MAX_LENGTH = 2_500_000;

/** Returns `drafts` with one more as the newest. An edit whose text equals the message is left out. */
export function withEdit(drafts: EditDraft[], { id, body }: EditDraft, message: string) {
  const others = drafts.filter((draft) => draft.id !== id);
  return body === message ? others : [...others, { id, body }];
}

/**
 * Returns the value to store: as many of the newest drafts as fit, '' without drafts, null if not even the newest
 * fits.
 */
export function serializeDrafts(drafts: EditDraft[]): string | null {
  for (let from = 0; from < drafts.length; from++) {
    const stored = JSON.stringify(drafts.slice(from));
    if (stored.length <= MAX_LENGTH) return stored;
  }
  return drafts.length === 0 ? '' : null;
}

/** Returns the drafts in a stored value, or none if it is not valid. */
export function parseDrafts(stored: string | null): EditDraft[] {
  try {
    const entries: unknown = JSON.parse(stored || '[]');
    return Array.isArray(entries)
      ? entries.filter(
          (entry): entry is EditDraft =>
            typeof entry?.id === 'string' && typeof entry?.body === 'string',
        )
      : [];
  } catch {
    return [];
  }
}
