// The two wire forms: the module's flat frames (C, foundryvtt 1.2) and the original server's nested
// ones (R, 1.3). Strict: what the other form would need is not accepted.

const flat = {
  request: (method, fields, requestId, userId) => ({ type: method, ...fields, requestId, userId }),
  read(message) {
    if (typeof message.requestId === 'string') {
      return {
        response: true,
        id: message.requestId,
        error: message.error,
        data: message.data || message,
      };
    }
    return { name: message.type, data: message };
  },
};

const nested = {
  // The original has no place for the user but appData; `data.userId` is the server's extension.
  request: (method, fields, id, userId) => ({ id, method, data: { ...fields, userId } }),
  read(message) {
    if (message.method === 'response') {
      return { response: true, id: message.id, error: message.data?.error, data: message.data };
    }
    if (message.id !== null) throw new Error(`notification without "id": null: ${message.method}`);
    return {
      name: message.method,
      data: { ...message.data, producerId: message.data.id ?? message.data.producerId },
    };
  },
};

export function makeWire(dialect) {
  return dialect === 'R' ? nested : flat;
}
