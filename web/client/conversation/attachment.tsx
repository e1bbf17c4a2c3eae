/** What came and is no text: its kind and size, and a way to save it. It is never opened here. */
import type { ReceivedRecord } from '../../history/records.ts';
import { Icon } from '../../parts/icon.tsx';

export function Attachment({
  message: { contentType = '', body = '', content },
}: {
  readonly message: ReceivedRecord;
}) {
  const bytes = content?.size ?? Math.floor((body.replace(/=+$/, '').length * 3) / 4);
  return (
    <button type="button" class="attachment" onClick={() => save(contentType, content ?? bytesOf(body))}>
      <Icon name="envelope" />
      <span>
        {contentType.split(';')[0]}, {bytes.toLocaleString()} bytes
        <br />
        <span class="quiet">Save it</span>
      </span>
    </button>
  );
}

function bytesOf(body: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
}

function save(contentType: string, content: BlobPart): void {
  // Nothing that a browser would run, whatever it claims to be.
  const url = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `message.${(contentType.split(';')[0]?.split('/')[1] ?? 'bin').replaceAll(/[^\w]/g, '-')}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
