// What the bundler makes of the library's types, and the platform's (../../library_types.ts).

declare module "library-types" {
  const files: Readonly<Record<string, string>>;
  export default files;
}
