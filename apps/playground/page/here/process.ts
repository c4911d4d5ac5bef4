// node:process for the playground's tasks in a page: all they use of it ends their worker.

export default { exit: (): void => close() };
