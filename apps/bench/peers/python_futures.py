# Python's own concurrent.futures: ProcessPoolExecutor in the scenarios it can do. Prints one line of JSON.

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def increment(a):
    return a + 1


def factorial(n):
    product = 1
    for factor in range(2, n + 1):
        product *= factor
    return product


def spin(ms):
    start = time.perf_counter()
    elapsed = 0.0
    while elapsed < ms:
        elapsed = (time.perf_counter() - start) * 1000
    return elapsed


def assert_incremented(results, count):
    if len(results) != count or sum(results) != count * (count + 1) // 2:
        raise ValueError("wrong results")


def burst(pool, size):
    futures = [pool.submit(increment, a) for a in range(size)]
    return [future.result() for future in futures]


def measure_burst(size):
    with ProcessPoolExecutor(2) as pool:
        burst(pool, size // 2)
        start = time.perf_counter()
        results = burst(pool, size)
        seconds = time.perf_counter() - start
    assert_incremented(results, size)
    return {"task": seconds / size * 1e6}


def measure_map(size):
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(increment, range(size // 2), chunksize=256))
        start = time.perf_counter()
        results = list(pool.map(increment, range(size), chunksize=256))
        seconds = time.perf_counter() - start
    assert_incremented(results, size)
    return {"item": seconds / size * 1e6}


def measure_round_trip(size):
    with ProcessPoolExecutor(2) as pool:
        for a in range(size // 2):
            pool.submit(increment, a).result()
        start = time.perf_counter()
        results = [pool.submit(increment, a).result() for a in range(size)]
        seconds = time.perf_counter() - start
    assert_incremented(results, size)
    return {"trip": seconds / size * 1e6}


def measure_factorial(size):
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(factorial, 1000) for _ in range(size)]
        expected = factorial(1000)
        if any(future.result() != expected for future in futures):
            raise ValueError("wrong results")
    return {}


def measure_cold_start(_size):
    start = time.perf_counter()
    with ProcessPoolExecutor(1) as pool:
        pool.submit(increment, 1).result()
        return {"first": (time.perf_counter() - start) * 1000}


MEASUREMENTS = {
    "burst": measure_burst,
    "map": measure_map,
    "round-trip": measure_round_trip,
    "factorial": measure_factorial,
    "cold-start": measure_cold_start,
}

if __name__ == "__main__":
    assignment = json.loads(sys.argv[1])
    metrics = MEASUREMENTS[assignment["scenario"]](assignment["size"])
    print(json.dumps({"metrics": metrics}), flush=True)
