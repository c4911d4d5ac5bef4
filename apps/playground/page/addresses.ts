// Where the library is told of, and where it is made. The page only links there; package.json has the same, which a test holds.

export const DOCUMENTATION = "https://concurrent-futures.github.io/futures/";
export const REPOSITORY = "https://github.com/concurrent-futures/futures";
