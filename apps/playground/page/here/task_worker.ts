// The entry of a worker of this page's own pool. The server gives it a policy of its own (../../../../modules/dashboard/guard.ts): it may import
// what the visitor has typed, which is a blob, and it reaches no network.

import "@concurrent/futures/browser/worker";
