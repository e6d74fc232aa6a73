import type { MenuEntry } from '../lib/menu';
import { text } from '../lib/text';

/** A menu that is shown where the pointer is. */
type ShownMenu = {
  label: string;
  entries: MenuEntry[];
  place: { x: number; y: number };
  /** The element that gets the focus when the menu closes. */
  back: HTMLElement;
};

/**
 * Text fields keep the menu of the system, which suggests spellings. So do dialogs: nothing else can be shown above
 * them.
 */
const OWN = 'input, textarea, select, [contenteditable], dialog';

/** The menu of whatever is under the pointer, from the same lists as the buttons there. */
export class ContextMenu {
  shown = $state.raw<ShownMenu | null>(null);

  constructor(
    private app: { attempt: (work: () => Promise<void>) => unknown; toast: string | null },
  ) {}

  /**
   * Shows the menu of something. What is selected there comes first, and then the link under the pointer. Of parts
   * within each other, the inner one has the menu.
   */
  open(event: MouseEvent, label: string, entries: () => MenuEntry[] = () => []) {
    const { target } = event;
    if (event.defaultPrevented || !(target instanceof Element) || target.closest(OWN)) return;
    event.preventDefault();
    const all = [...this.#ofSelection(target), ...this.#ofLink(target), ...entries()];
    if (all.length === 0) return;
    const back = document.activeElement;
    this.shown = {
      label,
      entries: all,
      place: { x: event.clientX, y: event.clientY },
      back: back instanceof HTMLElement ? back : document.body,
    };
  }

  close = () => (this.shown = null);

  #copy(what: string) {
    this.app.attempt(async () => {
      await navigator.clipboard.writeText(what);
      this.app.toast = text.copied;
    });
  }

  #ofSelection(target: Element): MenuEntry[] {
    const selection = getSelection();
    const selected = selection?.toString() ?? '';
    if (selected.trim() === '' || !selection!.getRangeAt(0).intersectsNode(target)) return [];
    return [{ name: text.copySelection, act: () => this.#copy(selected) }];
  }

  #ofLink(target: Element): MenuEntry[] {
    const link = target.closest('a');
    if (!link) return [];
    return [
      { name: text.openLink, act: () => link.click() },
      { name: text.copyAddress, act: () => this.#copy(link.href) },
    ];
  }
}
