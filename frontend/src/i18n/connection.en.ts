/** English texts of the panel of the connection. */
export const connectionTexts = {
  'connection.last': 'Last news of the stream',
  'connection.event': 'Last event',
  'connection.failures': 'Failed connections since then',
  'connection.server': 'Address of the API',
  'connection.copy': 'Copy all',
  'connection.requests': 'Last requests ({count, number})',
  'connection.noanswer': 'No answer',
  'connection.ms': '{ms, number} ms',
} as const;
