import { isolate } from '../../direction';
import { count, formatNumber, plural } from '../numbers';
import { messages } from './counts';

/** Texts about exporting messages, and the words on exported pages. */
export const exportTexts = {
  exportMore: 'Export…',
  exportSection: 'Export',
  exportTitle: 'Export messages',
  exportHint:
    'Writes what is on this computer into a new folder, also offline. The copy there is not encrypted.',
  exportWhat: 'Messages',
  exportConversation: ({ title }: { title: string }) => `Only ${isolate(title)}`,
  exportSearch: ({ query }: { query: string }) => `Results of the search for “${isolate(query)}”`,
  exportEverything: 'All conversations',
  exportPeriod: 'Period',
  exportFrom: 'From',
  exportUntil: 'Until',
  exportPeriodInvalid: 'This is not a period. Leave a day empty for no limit.',
  exportFormat: 'Format',
  exportFormats: {
    html: 'Web pages, to read in a browser',
    jsonl: 'Lines of data, for other programs (JSON)',
    both: 'Both',
  },
  exportFiles: 'Include files that are on this computer',
  exportChoose: 'Choose folder…',
  exporting: 'Exporting…',
  exportProgress: ({ done, total }: { done: number; total: number }) =>
    `${formatNumber(done)} of ${messages(total)}`,
  exported: ({ n, name }: { n: number; name: string }) =>
    `${messages(n)} ${plural(n, { one: 'was', other: 'were' })} exported to the folder ${isolate(name)}.`,
  exportMissingFiles: ({ n }: { n: number }) =>
    `${count(n, { one: 'file was', other: 'files were' })} not on this computer.`,
  /** Names of folders of exports. */
  exportNames: {
    everything: 'Parlour',
    search: 'Parlour, search',
  },
  exportNameOf: ({ title }: { title: string }) => `Parlour, ${title}`,
  /** The words on exported pages. */
  exportWords: {
    exportedAt: 'Exported',
    account: 'Account',
    server: 'Server',
    conversations: 'Conversations',
    conversation: 'Conversation',
    kind: 'Type',
    direct: 'Direct message',
    group: 'Group',
    messages: 'Messages',
    firstDay: 'First message',
    lastDay: 'Last message',
    people: 'People',
    name: 'Name',
    username: 'Username',
    members: 'Members',
    left: 'left',
    unknownPerson: 'Unknown person',
    pages: 'Pages',
    page: 'Page',
    previousPage: 'Previous page',
    nextPage: 'Next page',
    noMessages: 'There are no messages here.',
    missingOlder: 'Older messages were not on the computer when this was exported.',
    missingNewer: 'Newer messages were not on the computer when this was exported.',
    inReplyTo: 'In reply to',
    unknownMessage: 'a message that was not on the computer',
    edited: 'Edited',
    deleted: 'This message was deleted.',
    pinned: 'Pinned',
    done: 'Done',
    toDo: 'To do',
    reactions: 'Reactions',
    files: 'Files',
    notDownloaded: 'not downloaded',
    leftOut: 'not exported',
    mayRun: 'may be a program, see the folder of files',
  },
};
