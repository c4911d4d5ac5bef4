# The opponent that is Python's own concurrent.futures: each line of JSON asks for a batch, and is answered by how long it took.
# When its input ends it ends, also in the middle of a batch, and takes along the workers, which Python would leave behind.

import json
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from math import isqrt
from queue import SimpleQueue
from threading import Thread

POOLS = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}

# As the playground's own sieve has.
SIEVE_BLOCK = 1 << 18


def sleep(ms):
    time.sleep(ms / 1000)


def echo(value):
    return value


def primes(n):
    """Counts the primes below n as the playground's task does: block by block, here with slices, which is Python's way."""
    limit = isqrt(n) + 1
    flags = bytearray([1]) * (limit + 1)
    small = []
    for p in range(2, limit + 1):
        if flags[p]:
            small.append(p)
            flags[p * p :: p] = bytes(len(range(p * p, limit + 1, p)))
    count = 0
    for start in range(2, n, SIEVE_BLOCK):
        end = min(start + SIEVE_BLOCK, n)
        flags = bytearray([1]) * (end - start)
        for p in small:
            first = max(p * p, -(-start // p) * p) - start
            if first < end - start:
                flags[first::p] = bytes(len(range(first, end - start, p)))
        count += flags.count(1)
    return count


TASKS = {"sleep": sleep, "echo": echo, "primes": primes}


def run(kind, arguments, count, workers, wake_ms):
    with POOLS[sys.argv[1]](max_workers=workers) as pool:
        # Starting workers is not what is compared.
        for _ in [pool.submit(sleep, wake_ms) for _ in range(workers)]:
            _.result()
        begin = time.perf_counter()
        for future in [pool.submit(TASKS[kind], *arguments) for _ in range(count)]:
            future.result()
        return (time.perf_counter() - begin) * 1000


def read(lines):
    # Not by sys.stdin: a worker that is forked meanwhile would wait for ever for whoever holds its lock.
    rest = b""
    while got := os.read(0, 65536):
        *whole, rest = (rest + got).split(b"\n")
        for line in whole:
            lines.put(line)
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    lines = SimpleQueue()
    Thread(target=read, args=(lines,), daemon=True).start()
    while True:
        print(json.dumps({"ms": run(**json.loads(lines.get()))}), flush=True)
