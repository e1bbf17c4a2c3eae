/** The text of a message, with its links to follow. Text stays text, whatever it says. */
import { splitLinks } from '../../words/links.ts';

export function MessageText({ text }: { readonly text: string }) {
  return (
    <p class="text" dir="auto">
      {splitLinks(text).map(({ text: part, href }, at) =>
        href === undefined ? (
          part
        ) : (
          <a key={at} href={href} target="_blank" rel="noopener noreferrer">
            {part}
          </a>
        ),
      )}
    </p>
  );
}
