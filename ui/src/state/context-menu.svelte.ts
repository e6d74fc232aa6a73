import type { MenuEntry } from '../lib/menu';
import { text } from '../lib/text';

/** A menu that is shown at the pointer. */
type ShownMenu = {
  label: string;
  entries: MenuEntry[];
  anchor: { x: number; y: number };
  /** The element that gets the focus when the menu closes. */
  returnFocus: HTMLElement;
};

/**
 * Elements with the menu of the system: text fields, because it suggests spellings, and dialogs, because nothing else
 * can be shown above them.
 */
const SYSTEM_MENU = 'input, textarea, select, [contenteditable], dialog';

/** The context menu of the element under the pointer, with the same actions as its buttons. */
export class ContextMenu {
  shown = $state.raw<ShownMenu | null>(null);

  constructor(
    private app: { attempt: (work: () => Promise<void>) => unknown; toast: string | null },
  ) {}

  /**
   * Shows the menu of an element. Entries for selected text come first, and then those for a link. Of nested elements,
   * the inner one has the menu.
   */
  open(event: MouseEvent, label: string, entries: () => MenuEntry[] = () => []) {
    const { target } = event;
    if (event.defaultPrevented || !(target instanceof Element) || target.closest(SYSTEM_MENU))
      return;
    event.preventDefault();
    const all = [...this.#selectionEntries(target), ...this.#linkEntries(target), ...entries()];
    if (all.length === 0) return;
    const focused = document.activeElement;
    this.shown = {
      label,
      entries: all,
      anchor: { x: event.clientX, y: event.clientY },
      returnFocus: focused instanceof HTMLElement ? focused : document.body,
    };
  }

  close = () => (this.shown = null);

  #copy(content: string) {
    this.app.attempt(async () => {
      await navigator.clipboard.writeText(content);
      this.app.toast = text.copied;
    });
  }

  #selectionEntries(target: Element): MenuEntry[] {
    const selection = getSelection();
    const selected = selection?.toString() ?? '';
    if (selected.trim() === '' || !selection!.getRangeAt(0).intersectsNode(target)) return [];
    return [{ name: text.copySelection, act: () => this.#copy(selected) }];
  }

  #linkEntries(target: Element): MenuEntry[] {
    const link = target.closest('a');
    if (!link) return [];
    return [
      { name: text.openLink, act: () => link.click() },
      { name: text.copyAddress, act: () => this.#copy(link.href) },
    ];
  }
}
