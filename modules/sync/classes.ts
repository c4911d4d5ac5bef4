// The classes of all handles: by these one that has crossed is made again.

import { Barrier } from "./barrier.ts";
import { installBook, registerHandle } from "./book.ts";
import { Channel } from "./channel.ts";
import { Condition } from "./condition.ts";
import { Counter } from "./counter.ts";
import { Lock } from "./lock.ts";
import { RWLock } from "./rw_lock.ts";
import { Semaphore } from "./semaphore.ts";
import { SyncEvent } from "./sync_event.ts";

installBook();
registerHandle("lock", Lock as never);
registerHandle("semaphore", Semaphore as never);
registerHandle("RWLock", RWLock as never);
registerHandle("event", SyncEvent as never);
registerHandle("condition", Condition as never);
registerHandle("barrier", Barrier as never);
registerHandle("counter", Counter as never);
registerHandle("channel", Channel as never);
