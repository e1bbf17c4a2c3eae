/**
 * A durable store could not do what it was asked. `isTemporary`: the disk is full, read-only, locked or slow, and the same
 * call may succeed later; else the store is broken and only a person can help. Nothing of the call took effect.
 */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isTemporary = isTemporary;
  }
}
