// build.mjs puts these files into the program as text.
declare module "*.proto" {
  const text: string;
  export default text;
}
