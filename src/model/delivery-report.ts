/** What a sender may ask to be told about one message and one recipient, each at most once (contract section 4). */
export type ReportKind = 'stored' | 'delivered' | 'displayed' | 'failed';
