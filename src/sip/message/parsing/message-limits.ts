/** How much of one message is taken (RFC 3261 21.4.11, 21.4.12, 21.5.7). */
export interface MessageLimits {
  /** Start line and header rows; beyond: 513. */
  readonly headerSectionBytesMax: number;
  /** Beyond: 513. */
  readonly headerRowsMax: number;
  /** UTF-16 units; beyond: 414. */
  readonly requestUriLengthMax: number;
  /** Beyond: 413. */
  readonly bodyBytesMax: number;
}

export const defaultMessageLimits: MessageLimits = {
  headerSectionBytesMax: 32_768,
  headerRowsMax: 256,
  requestUriLengthMax: 2_048,
  bodyBytesMax: 262_144,
};
