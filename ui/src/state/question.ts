import { text } from '../lib/text';

/** What is asked before something is done that nobody takes back. */
export type Question = {
  title: string;
  /** What will happen. */
  what: string;
  /** To what, as somebody wrote it. */
  about?: string;
  /** What else will happen, a sentence each. */
  points?: string[];
  /** What can be done beside it, if one wants that. */
  option?: { label: string; hint: string };
  /** What is not done, and has the focus. */
  no: string;
  yes: string;
  /** Does it, and the option too where that was chosen. */
  act: (chosen: boolean) => void;
};

/** Letters of what is asked about that are shown: it may be megabytes. */
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

/** Asks before a group is given to another owner: only they can give it back. */
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

/** Asks before what was written into a message that is being edited is let go of. */
export const discardEditQuestion = (act: () => void): Question => ({
  title: text.discardEditTitle,
  what: text.discardEditWhat,
  no: text.editGoOn,
  yes: text.discard,
  act,
});

/** Asks before what was to be sent or done is let go of: nothing brings it back. */
export const discardQuestion = (isMessage: boolean, body: string, act: () => void): Question => ({
  title: isMessage ? text.discardMessageTitle : text.discardTitle,
  what: isMessage ? text.discardMessageWhat : text.discardWhat,
  about: body.slice(0, SEEN) || undefined,
  no: text.cancel,
  yes: text.discard,
  act,
});
