import { text } from '../lib/text';

/** A question that is asked before an action that nobody can undo. */
export type Question = {
  title: string;
  /** The effect of the action. */
  what: string;
  /** The object of the action, as somebody wrote it. */
  about?: string;
  /** Further effects, a sentence each. */
  points?: string[];
  /** An additional action that the user can choose. */
  option?: { label: string; hint: string };
  /** The label of the button that does nothing, which has the focus. */
  no: string;
  yes: string;
  /** Runs the action, and the additional one if it was chosen. */
  act: (chosen: boolean) => void;
};

/** Number of characters that are shown of the object, which may be megabytes. */
const SEEN = 500;

/** Asks before messages are deleted for everybody. */
export const deleteQuestion = (items: { own: boolean }[], act: () => void): Question => ({
  title: text.deleteTitle({ n: items.length }),
  what: text.deleteWhat({
    n: items.length,
    others: items.filter((item) => !item.own).length,
  }),
  no: text.cancel,
  yes: text.remove,
  act,
});

/** Asks before a group is transferred to another owner: only they can transfer it back. */
export const transferQuestion = (name: string, act: () => void): Question => ({
  title: text.transferTitle({ name }),
  what: text.transferWhat,
  no: text.cancel,
  yes: text.transfer,
  act,
});

/** Asks before somebody is removed from a group. */
export const removeMemberQuestion = (name: string, act: () => void): Question => ({
  title: text.removeMemberTitle({ name }),
  what: text.removeMemberWhat,
  no: text.cancel,
  yes: text.removeFromGroup,
  act,
});

/** Asks before the text of an edit is discarded. */
export const discardEditQuestion = (act: () => void): Question => ({
  title: text.discardEditTitle,
  what: text.discardEditWhat,
  no: text.editGoOn,
  yes: text.discard,
  act,
});

/** Asks before something that was to be sent or done is discarded, because it cannot be restored. */
export const discardQuestion = (isMessage: boolean, body: string, act: () => void): Question => ({
  title: isMessage ? text.discardMessageTitle : text.discardTitle,
  what: isMessage ? text.discardMessageWhat : text.discardWhat,
  about: body.slice(0, SEEN) || undefined,
  no: text.cancel,
  yes: text.discard,
  act,
});

/** Asks before a file is opened that could run as a program. */
export const programQuestion = (name: string, act: () => void): Question => ({
  title: text.openProgramTitle({ name }),
  what: text.openProgramWhat,
  no: text.cancel,
  yes: text.open,
  act,
});

/** Asks before the files that wait to be sent with a message are removed. */
export const removeFilesQuestion = (n: number, act: () => void): Question => ({
  title: text.removeFilesTitle({ n }),
  what: text.removeFilesWhat,
  no: text.cancel,
  yes: text.removeFiles,
  act,
});
