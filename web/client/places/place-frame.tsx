/** What every place has: a heading, the way back on a phone, and a width that reads well. */
import type { ComponentChildren } from 'preact';
import { Icon } from '../../parts/icon.tsx';

interface PlaceProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly acts?: ComponentChildren;
}

export function PlaceFrame({ title, children, acts }: PlaceProps) {
  return (
    <section class="place" aria-label={title}>
      <header class="pane-head">
        <a class="icon-button back" href="#/" aria-label="All conversations">
          <Icon name="back" />
        </a>
        <div class="pane-title">
          <h1 tabIndex={-1}>{title}</h1>
        </div>
        {acts}
      </header>
      <div class="place-body">{children}</div>
    </section>
  );
}
