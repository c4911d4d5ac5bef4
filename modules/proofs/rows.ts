// The rows of the conformance table: every case of CPython's own suite that is owed a proof here.

/** A case of CPython's `Lib/test/test_concurrent_futures/` that the suite must restate. */
export interface ConformanceRow {
  /** The case's name in the suite, for example `"py-27"`. */
  readonly id: string;
  /** Where CPython keeps it: file and class. */
  readonly origin: string;
  /** The name of the test method there. */
  readonly test: string;
}

// The numbers are the table's own; gaps are cases that mean nothing in JavaScript.
const ROWS_BY_ORIGIN: ReadonlyArray<
  readonly [origin: string, rows: ReadonlyArray<readonly [number, string]>]
> = [
  [
    "executor.py / ExecutorTest",
    [
      [1, "test_submit"],
      [2, "test_submit_keyword"],
      [3, "test_map"],
      [4, "test_map_exception"],
      [6, "test_map_timeout"],
      [7, "test_map_close"],
      [8, "test_map_buffersize_type_validation"],
      [9, "test_map_buffersize_value_validation"],
      [10, "test_map_buffersize"],
      [12, "test_map_buffersize_on_infinite_iterable"],
      [13, "test_map_buffersize_on_multiple_infinite_iterables"],
      [14, "test_map_buffersize_on_empty_iterable"],
      [15, "test_map_buffersize_without_iterable"],
      [17, "test_shutdown_race_issue12456"],
      [18, "test_no_stale_references"],
      [19, "test_max_workers_negative"],
      [20, "test_free_reference"],
    ],
  ],
  [
    "test_as_completed.py / AsCompletedTests",
    [
      [22, "test_no_timeout"],
      [23, "test_future_times_out"],
      [24, "test_duplicate_futures"],
      [25, "test_free_reference_yielded_future"],
    ],
  ],
  [
    "test_deadlock.py / ExecutorDeadlockTest",
    [
      [27, "test_error_at_task_pickle"],
      [28, "test_exit_at_task_unpickle"],
      [30, "test_crash_at_task_unpickle"],
      [31, "test_crash_during_func_exec_on_worker"],
      [32, "test_exit_during_func_exec_on_worker"],
      [33, "test_error_during_func_exec_on_worker"],
      [34, "test_crash_during_result_pickle_on_worker"],
      [35, "test_exit_during_result_pickle_on_worker"],
      [39, "test_shutdown_deadlock"],
      [41, "test_crash_big_data"],
    ],
  ],
  [
    "test_future.py / FutureTests",
    [
      [43, "test_done_callback_with_result"],
      [44, "test_done_callback_with_exception"],
      [45, "test_done_callback_with_cancel"],
      [46, "test_done_callback_raises"],
      [47, "test_done_callback_already_successful"],
      [48, "test_done_callback_already_failed"],
      [51, "test_repr"],
      [52, "test_cancel"],
      [53, "test_cancelled"],
      [54, "test_done"],
      [55, "test_running"],
      [56, "test_result_with_timeout"],
      [57, "test_result_with_success"],
      [59, "test_exception_with_timeout"],
      [60, "test_exception_with_success"],
      [61, "test_multiple_set_result"],
      [63, "test_get_snapshot"],
    ],
  ],
  ["test_init.py / InitializerMixin", [[64, "test_initializer"]]],
  ["test_init.py / FailingInitializerMixin", [[65, "test_initializer"]]],
  [
    "test_interpreter_pool.py / InterpreterPoolExecutorTest",
    [
      [70, "test_init_func"],
      [71, "test_init_with___main___global"],
      [72, "test_init_closure"],
      [73, "test_init_instance_method"],
      [75, "test_init_exception_in_func"],
      [77, "test_submit_closure"],
      [78, "test_submit_local_instance"],
      [79, "test_submit_instance_method"],
      [82, "test_submit_exception_in_func"],
      [83, "test_saturation"],
      [84, "test_blocking"],
      [85, "test_blocking_with_limited_workers"],
      [87, "test_pickle_errors_propagate"],
      [91, "test_thread_name_prefix"],
      [92, "test_thread_name_prefix_with_thread_get_name"],
    ],
  ],
  ["test_interpreter_pool.py / AsyncioTest", [[93, "test_run_in_executor"]]],
  [
    "test_process_pool.py / ProcessPoolExecutorTest",
    [
      [97, "test_killed_child"],
      [98, "test_broken_process_pool_traceback"],
      [100, "test_traceback"],
      [101, "test_traceback_when_child_process_terminates_abruptly"],
      [102, "test_ressources_gced_in_workers"],
      [103, "test_saturation"],
      [104, "test_idle_process_reuse_one"],
      [106, "test_max_tasks_per_child"],
      [109, "test_shutdown_no_wait_max_tasks_gh119592"],
      [111, "test_force_shutdown_during_max_tasks_worker_exit"],
      [112, "test_failed_worker_replacement_breaks_pool"],
      [115, "test_terminate_workers"],
      [116, "test_kill_workers"],
      [118, "test_force_shutdown_workers"],
      [119, "test_force_shutdown_workers_dead_workers"],
      [120, "test_force_shutdown_workers_not_started_yet"],
      [121, "test_force_shutdown_workers_stops_pool"],
    ],
  ],
  [
    "test_shutdown.py / ExecutorShutdownTest",
    [
      [122, "test_run_after_shutdown"],
      [123, "test_interpreter_shutdown"],
      [124, "test_submit_after_interpreter_shutdown"],
      [126, "test_cancel_futures"],
      [127, "test_hang_gh83386"],
    ],
  ],
  [
    "test_shutdown.py / ThreadPoolShutdownTest",
    [
      [129, "test_threads_terminate"],
      [130, "test_context_manager_shutdown"],
      [132, "test_shutdown_no_wait"],
      [133, "test_thread_names_assigned"],
      [134, "test_thread_names_default"],
    ],
  ],
  [
    "test_shutdown.py / ProcessPoolShutdownTest",
    [
      [136, "test_processes_terminate"],
      [137, "test_context_manager_shutdown"],
      [139, "test_shutdown_no_wait"],
      [141, "test_shutdown_gh_132969_case_2"],
    ],
  ],
  [
    "test_thread_pool.py / ThreadPoolExecutorTest",
    [
      [142, "test_map_submits_without_iteration"],
      [143, "test_default_workers"],
      [144, "test_saturation"],
      [145, "test_idle_thread_reuse"],
    ],
  ],
  [
    "test_wait.py / WaitTests",
    [
      [149, "test_20369"],
      [150, "test_first_completed"],
      [151, "test_first_completed_some_already_completed"],
      [152, "test_first_exception"],
      [154, "test_first_exception_one_already_failed"],
      [155, "test_all_completed"],
      [156, "test_timeout"],
    ],
  ],
];

/** Lists the rows that a run of the suite must report, whatever the outcome. */
export const conformanceRows: readonly ConformanceRow[] = ROWS_BY_ORIGIN.flatMap(([origin, rows]) =>
  rows.map(([number, test]) => ({ id: `py-${number}`, origin, test })),
);
