// What the bundler makes of the library's names (../library_names.ts).

declare module "library-names" {
  const names: readonly {
    readonly name: string;
    readonly isType: boolean;
    readonly about: string;
    readonly members: readonly { readonly name: string; readonly about: string }[];
  }[];
  export default names;
}
