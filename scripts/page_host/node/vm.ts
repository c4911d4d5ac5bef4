// node:vm of a page: finds the names that flags of V8 have brought, such as `gc`.

export default {
  runInNewContext: (name: string): unknown => (globalThis as Record<string, unknown>)[name],
};
