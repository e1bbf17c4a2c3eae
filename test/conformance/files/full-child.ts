/** Writes a blob larger than this process may write, and says how that went. Argument: the folder. */
import { StoreFault } from '../../../src/base/store-fault.ts';
import { fileBlobs } from '../../../src/stores/files/file-blobs.ts';

process.on('SIGXFSZ', () => undefined);
const writer = await fileBlobs({ folder: process.argv[2] ?? '' }).create();
try {
  for (let at = 0; at < 1 << 20; at += 1 << 16) await writer.write(new Uint8Array(1 << 16), at);
  process.stdout.write('it was written\n');
} catch (fault) {
  const isExpected = fault instanceof StoreFault && fault.isTemporary && fault.message.includes('could not grow');
  process.stdout.write(isExpected ? 'temporary: could not grow\n' : `${String(fault)}\n`);
}
await writer.abandon();
