/** What was written into messages that are being edited, as it is kept between two visits. */

export type EditDraft = { id: string; body: string };

/** Longest note that is kept, in UTF-16 units: with room for what each takes in UTF-8. */
const LONGEST = 2_500_000;

/** These with one more, which is the newest; without it where it says what the message says anyway. */
export function withEdit(drafts: EditDraft[], { id, body }: EditDraft, message: string) {
  const others = drafts.filter((draft) => draft.id !== id);
  return body === message ? others : [...others, { id, body }];
}

/** The note of these: the newest that have room. null if not even the newest has. */
export function noteOf(drafts: EditDraft[]): string | null {
  for (let from = 0; from < drafts.length; from++) {
    const note = JSON.stringify(drafts.slice(from));
    if (note.length <= LONGEST) return note;
  }
  return drafts.length === 0 ? '' : null;
}

/** What a note says; what is no note is nothing. */
export function draftsOf(note: string | null): EditDraft[] {
  try {
    const noted: unknown = JSON.parse(note || '[]');
    return Array.isArray(noted)
      ? noted.filter(
          (one): one is EditDraft => typeof one?.id === 'string' && typeof one?.body === 'string',
        )
      : [];
  } catch {
    return [];
  }
}
