// How Vite builds the app: the tasks' module is an entry of its own, whose name and exports stay.

export default {
  worker: { format: "es" },
  build: {
    target: "esnext",
    rollupOptions: {
      input: ["index.html", "jobs.ts"],
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
    },
  },
};
